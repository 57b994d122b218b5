import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EntryHeader } from "../src/entry-header.ts";
import { applyChanges, unpackTree } from "../src/index.ts";
import { chunked, file, folder, scratch, streamOf, symlink } from "./scratch.ts";

const hardlink = (path: string, target: string): EntryHeader => ({ type: "hardlink", path, target });

test.each<[string, EntryHeader[]]>([
  ["..", [file("..")]],
  ["../x", [file("../outside")]],
  ["a/../../x", [folder("a"), file("a/../../outside")]],
  ["an absolute path", [file("/outside")]],
  ["an empty path", [folder("")]],
  ["a dot", [file("./x")]],
  ["an empty part", [file("a//b")]],
  ["a trailing slash", [folder("a/")]],
  ["NUL", [file("a\0b")]],
  ["deletion outside", [{ type: "deleted", path: "../outside" }]],
  ["a hard link outside", [hardlink("h", "../outside")]],
  ["a file below a link", [symlink("l", ".."), file("l/outside")]],
  ["a folder below a link", [symlink("l", ".."), folder("l/outside")]],
  ["a file through a link to a folder of its own", [folder("d"), symlink("l", "d"), file("l/f")]],
  [
    "a link in the place of a known folder",
    [folder("d"), file("d/f"), symlink("d", ".."), file("d/outside")],
  ],
  [
    "a link in the place of the parent of a known folder",
    [folder("d"), folder("d/e"), symlink("d", ".."), file("d/e/outside")],
  ],
  ["a hard link through a link", [symlink("l", ".."), hardlink("h", "l/bystander")]],
  ["a hard link to a link", [symlink("l", "../bystander"), hardlink("h", "l")]],
  ["a file below a file", [file("f"), file("f/x")]],
])("%s is refused, and nothing is written outside", async (_what, headers) => {
  const parent = scratch();
  const root = join(parent, "root");
  mkdirSync(root);
  writeFileSync(join(parent, "bystander"), "mine");
  await expect(unpackTree(chunked(streamOf(...headers)), root)).rejects.toMatchObject({
    code: "INVALID_REQUEST",
  });
  expect(readdirSync(parent).sort()).toEqual(["bystander", "root"]);
});

test("deleting through a link deletes nothing", async () => {
  const parent = scratch();
  const root = join(parent, "root");
  mkdirSync(root);
  writeFileSync(join(parent, "bystander"), "mine");
  const bytes = streamOf(symlink("l", ".."), { type: "deleted", path: "l/bystander" });
  await unpackTree(chunked(bytes), root);
  await applyChanges(chunked(bytes), new Map([["", root]]));
  expect(readdirSync(parent).sort()).toEqual(["bystander", "root"]);
});

test("changes replace a link of the runner, and do not follow it", async () => {
  const parent = scratch();
  const root = join(parent, "root");
  mkdirSync(root);
  mkdirSync(join(parent, "elsewhere"));
  symlinkSync("../elsewhere", join(root, "d"));
  await applyChanges(chunked(streamOf(folder("d"), file("d/f"))), new Map([["", root]]));
  expect(readdirSync(join(parent, "elsewhere"))).toEqual([]);
  expect(readdirSync(join(root, "d"))).toEqual(["f"]);
});
