import { type BytePath, parentPath } from "@slipway/core";
import type { ImageFile } from "@slipway/registry/image";
import { type ComparePolicy, DEFAULT_POLICY } from "./compare-policy.ts";
import type { Difference } from "./difference.ts";
import { fileDifferences } from "./file-differences.ts";
import { hardLinkDifferences } from "./hard-link-differences.ts";
import { shownPath } from "./shown-path.ts";
import { shownFile } from "./shown-value.ts";

type Files = ReadonlyMap<BytePath, ImageFile>;

/**
 * In what the flattened file systems of two images differ, in the order of paths. A folder that is missing, extra, or
 * something else on one side, stands for all that is below it.
 */
export function compareFiles(
  expected: Files,
  actual: Files,
  policy: Partial<ComparePolicy> = {},
): Difference[] {
  const whole = { ...DEFAULT_POLICY, ...policy };
  const told = new Set<BytePath>();
  const common: BytePath[] = [];
  const found: Difference[] = [];
  for (const path of [...new Set([...expected.keys(), ...actual.keys()])].sort()) {
    const [before, after] = [expected.get(path), actual.get(path)];
    // Most builders write no entry for the root.
    if (path === "" && (before === undefined || after === undefined)) continue;
    if (path !== "" && told.has(parentPath(path))) {
      told.add(path);
    } else if (before !== undefined && after !== undefined) {
      found.push(...fileDifferences(path, before, after, whole));
      if (before.type === after.type) common.push(path);
      else told.add(path);
    } else {
      found.push(presence(path, before, after));
      told.add(path);
    }
  }
  return [...found, ...hardLinkDifferences(expected, actual, common)];
}

/** Of a path that one side has. */
export function presence(
  path: BytePath,
  expected: ImageFile | undefined,
  actual: ImageFile | undefined,
): Difference {
  const show = (file: ImageFile | undefined) => (file === undefined ? "nothing" : shownFile(file));
  const kind = actual === undefined ? "missing" : "extra";
  return { id: `${kind}:${shownPath(path)}`, expected: show(expected), actual: show(actual) };
}
