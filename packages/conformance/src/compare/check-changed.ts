import { type BytePath, parentPath } from "@slipway/core";
import type { ImageFile } from "@slipway/registry/image";
import { presence } from "./compare-files.ts";
import { DEFAULT_POLICY } from "./compare-policy.ts";
import type { Difference } from "./difference.ts";
import { fileDifferences } from "./file-differences.ts";
import { pathOf, shownPath } from "./shown-path.ts";

type Files = ReadonlyMap<BytePath, ImageFile>;

const POLICY = { ...DEFAULT_POLICY, mtime: "ignore", xattrs: "all" } as const;

/**
 * Where an image differs from its base elsewhere than a case says, and where it does not although the case says so. A
 * new folder with something in it need not be named, nor what was in a folder that is gone. A time alone is a change
 * for a path that is named, and none for one that is not: reading a folder may set it.
 */
export function checkChanged(wanted: readonly string[], image: Files, base: Files): Difference[] {
  const named = new Set(wanted.map(pathOf));
  const parents = new Set([...image.keys()].map(parentPath));
  const unexpected = [...new Set([...base.keys(), ...image.keys()])]
    .sort()
    .filter((path) => path !== "" && !named.has(path))
    .flatMap((path) => {
      const [before, after] = [base.get(path), image.get(path)];
      if (before !== undefined && after !== undefined) return fileDifferences(path, before, after, POLICY);
      const implied =
        after === undefined
          ? parentPath(path) !== "" && image.get(parentPath(path))?.type !== "folder"
          : after.type === "folder" && parents.has(path);
      return implied ? [] : [presence(path, before, after)];
    });
  return [...unexpected, ...[...named].flatMap((path) => unchanged(path, image.get(path), base.get(path)))];
}

function unchanged(
  path: BytePath,
  after: ImageFile | undefined,
  before: ImageFile | undefined,
): Difference[] {
  if (after === undefined && before === undefined)
    return [{ id: `missing:${shownPath(path)}`, expected: "something new", actual: "nothing" }];
  if (after === undefined || before === undefined || after.mtime !== before.mtime) return [];
  if (fileDifferences(path, before, after, POLICY).length > 0) return [];
  const id = `content:${shownPath(path)}`;
  return [{ id, expected: "not as in the base image", actual: "as in the base image" }];
}
