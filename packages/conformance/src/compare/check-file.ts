import { createHash } from "node:crypto";
import { type BytePath, bytePath } from "@slipway/core";
import type { ImageFile } from "@slipway/registry/image";
import type { FileWanted } from "../corpus/corpus-case.ts";
import { presence } from "./compare-files.ts";
import type { Difference, DifferenceKind } from "./difference.ts";
import { pathOf, shownBytes, shownPath } from "./shown-path.ts";
import {
  clipped,
  shownBase64,
  shownContent,
  shownFile,
  shownMode,
  shownOwner,
  shownTarget,
  shownTime,
} from "./shown-value.ts";

type Files = ReadonlyMap<BytePath, ImageFile>;

/** In what one path is not as a case says; `wanted` null: there is nothing. */
export function checkFile(shown: string, wanted: FileWanted | null, files: Files): Difference[] {
  const path = pathOf(shown);
  const file = files.get(path);
  if (wanted === null) return file === undefined ? [] : [presence(path, undefined, file)];
  const type = typeOf(wanted);
  if (file === undefined)
    return [{ id: `missing:${shownPath(path)}`, expected: type ?? "something", actual: "nothing" }];
  const difference = (kind: DifferenceKind, expected: string, actual: string): Difference => ({
    id: `${kind}:${shownPath(path)}`,
    expected,
    actual,
  });
  if (type !== undefined && type !== file.type) return [difference("type", type, shownFile(file))];
  const { mode, owner, target, sameFileAs, mtime } = wanted;
  const found: Difference[] = [];
  if (mode !== undefined && Number.parseInt(mode, 8) !== file.mode)
    found.push(difference("mode", shownMode(Number.parseInt(mode, 8)), shownMode(file.mode)));
  if (owner !== undefined && owner !== shownOwner(file))
    found.push(difference("owner", owner, shownOwner(file)));
  const content = contentWanted(wanted, file);
  if (content !== undefined) found.push(difference("content", content, shownContent(file)));
  if (target !== undefined && bytePath(target) !== file.target)
    found.push(difference("link", target, shownTarget(file.target)));
  if (sameFileAs !== undefined && files.get(pathOf(sameFileAs))?.inode !== file.inode)
    found.push(difference("hardlink", `one file with ${sameFileAs}`, "another file"));
  if (mtime !== undefined && !isTime(mtime, file.mtime))
    found.push(difference("mtime", mtime, shownTime(file.mtime)));
  return [...found, ...xattrDifferences(path, wanted.xattrs, file)];
}

/** A fact may imply the type. */
function typeOf({
  type,
  text,
  base64,
  sha256,
  sizeBytes,
  target,
}: FileWanted): ImageFile["type"] | undefined {
  if (type !== undefined) return type;
  if (target !== undefined) return "symlink";
  return [text, base64, sha256, sizeBytes].some((fact) => fact !== undefined) ? "file" : undefined;
}

/** What the content should be, where it is not. */
function contentWanted({ text, base64, sha256, sizeBytes }: FileWanted, file: ImageFile): string | undefined {
  const bytes =
    text !== undefined ? Buffer.from(text) : base64 !== undefined ? Buffer.from(base64, "base64") : undefined;
  const hash = bytes === undefined ? sha256 : createHash("sha256").update(bytes).digest("hex");
  const size = bytes?.length ?? sizeBytes;
  if ((hash ?? file.sha256) === file.sha256 && (size ?? file.size) === file.size) return undefined;
  const shown = bytes === undefined ? "" : clipped(JSON.stringify(shownBytes(bytes.toString("latin1"))));
  return [
    size === undefined ? "" : `${size} bytes`,
    hash === undefined ? "" : `sha256 ${hash.slice(0, 12)}`,
    shown,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** Without a fraction it is a second, as archives have it that know no more. */
function isTime(wanted: string, actual: bigint): boolean {
  const milliseconds = BigInt(Date.parse(wanted));
  return /\.\d/.test(wanted)
    ? milliseconds === actual / 1_000_000n
    : milliseconds / 1000n === actual / 1_000_000_000n;
}

/** The attributes named, and that a program has no capabilities which are not. */
function xattrDifferences(
  path: BytePath,
  wanted: Readonly<Record<string, string>> | undefined,
  { xattrs }: ImageFile,
): Difference[] {
  if (wanted === undefined) return [];
  const names = [...new Set([...Object.keys(wanted), "security.capability"])].sort();
  return names.flatMap((name) => {
    const value = wanted[name];
    const expected = value === undefined ? undefined : Buffer.from(value, "base64");
    const actual = xattrs.get(bytePath(name));
    if (expected !== undefined && actual !== undefined ? expected.equals(actual) : expected === actual)
      return [];
    const id = `xattr:${shownBytes(bytePath(name))}:${shownPath(path)}`;
    return [{ id, expected: shownBase64(expected), actual: shownBase64(actual) }];
  });
}
