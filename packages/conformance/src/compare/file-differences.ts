import type { BytePath } from "@slipway/core";
import type { ImageFile } from "@slipway/registry/image";
import type { ComparePolicy } from "./compare-policy.ts";
import type { Difference, DifferenceKind } from "./difference.ts";
import { shownBytes, shownPath } from "./shown-path.ts";
import { shownBase64, shownContent, shownMode, shownOwner, shownTarget, shownTime } from "./shown-value.ts";

const CAPABILITY = "security.capability";

/** In what one path differs that both images have. Where the types differ, nothing else is worth telling. */
export function fileDifferences(
  path: BytePath,
  expected: ImageFile,
  actual: ImageFile,
  policy: Pick<ComparePolicy, "mtime" | "builtAfter" | "xattrs">,
): Difference[] {
  const difference = (kind: DifferenceKind, show: (file: ImageFile) => string): Difference => ({
    id: `${kind}:${shownPath(path)}`,
    expected: show(expected),
    actual: show(actual),
  });
  if (expected.type !== actual.type) return [difference("type", ({ type }) => type)];
  const found: Difference[] = [];
  if (expected.mode !== actual.mode) found.push(difference("mode", ({ mode }) => shownMode(mode)));
  if (expected.uid !== actual.uid || expected.gid !== actual.gid) found.push(difference("owner", shownOwner));
  if (expected.size !== actual.size || expected.sha256 !== actual.sha256)
    found.push(difference("content", shownContent));
  if (expected.target !== actual.target) found.push(difference("link", ({ target }) => shownTarget(target)));
  if (expected.devMajor !== actual.devMajor || expected.devMinor !== actual.devMinor)
    found.push(difference("device", ({ devMajor, devMinor }) => `${devMajor}:${devMinor}`));
  if (timesDiffer(expected, actual, policy)) found.push(difference("mtime", ({ mtime }) => shownTime(mtime)));
  const names = new Set([...expected.xattrs.keys(), ...actual.xattrs.keys()]);
  const wanted = [...names].filter((name) => policy.xattrs === "all" || name === CAPABILITY).sort();
  return [...found, ...wanted.flatMap((name) => xattrDifferences(path, name, expected, actual))];
}

function timesDiffer(
  { type, mtime: expected }: ImageFile,
  { mtime: actual }: ImageFile,
  { mtime: rule, builtAfter }: Pick<ComparePolicy, "mtime" | "builtAfter">,
): boolean {
  if (rule === "exact") return expected !== actual;
  if (rule === "ignore" || type !== "file") return false;
  const fromContext = expected < builtAfter || actual < builtAfter;
  return fromContext && expected / 1_000_000_000n !== actual / 1_000_000_000n;
}

function xattrDifferences(
  path: BytePath,
  name: string,
  expected: ImageFile,
  actual: ImageFile,
): Difference[] {
  const [one, other] = [expected.xattrs.get(name), actual.xattrs.get(name)];
  if (one !== undefined && other !== undefined ? one.equals(other) : one === other) return [];
  const id = `xattr:${shownBytes(name)}:${shownPath(path)}`;
  return [{ id, expected: shownBase64(one), actual: shownBase64(other) }];
}
