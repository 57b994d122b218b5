import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  applyChanges,
  formatSnapshot,
  packChanges,
  packTree,
  parseSnapshot,
  snapshotTree,
  unpackTree,
} from "../src/index.ts";
import {
  asNobody,
  assertSameContent,
  chunked,
  collected,
  file,
  folder,
  listing,
  scratch,
  streamOf,
  symlink,
} from "./scratch.ts";

/** The same tree at both ends, and a snapshot of the far one. */
async function twoEnds() {
  const [here, there] = [join(scratch(), "here"), scratch()];
  mkdirSync(join(here, "src/old"), { recursive: true });
  for (const path of ["a", "b", "src/x", "src/y", "src/old/z"])
    writeFileSync(join(here, path), `old ${path}`);
  symlinkSync("a", join(here, "link"));
  await unpackTree(packTree([{ from: here, to: "w" }]), there);
  return { here, there, far: join(there, "w"), snapshot: parseSnapshot(formatSnapshot(snapshotTree(there))) };
}

test("what a step changed comes back, and only that", async () => {
  const { here, there, far, snapshot } = await twoEnds();
  writeFileSync(join(far, "a"), "new and longer");
  chmodSync(join(far, "b"), 0o755);
  rmSync(join(far, "src/old"), { recursive: true });
  rmSync(join(far, "link"));
  symlinkSync("b", join(far, "link"));
  renameSync(join(far, "src/x"), join(far, "src/renamed"));
  mkdirSync(join(far, "new/deep"), { recursive: true });
  writeFileSync(join(far, "new/deep/er"), Buffer.alloc(700_000, 1));
  const inode = statSync(join(here, "src/y")).ino;
  const summary = await applyChanges(packChanges(there, snapshot), new Map([["w", here]]));
  assertSameContent(far, here);
  expect(listing(here, { times: false })).toBe(listing(far, { times: false }));
  // a, b, link, renamed, new, deep, er; gone: old, z, x.
  expect(summary.entries).toBe(10);
  expect(statSync(join(here, "src/y")).ino).toBe(inode);
  expect(readdirSync(join(here, ".."))).toEqual(["here"]);
});

test("a tree that nobody touched has no changes", async () => {
  const { there, snapshot } = await twoEnds();
  expect((await collected(packChanges(there, snapshot))).equals(streamOf())).toBe(true);
});

test("a file of equal size and time is noticed", async () => {
  const { there, far, snapshot } = await twoEnds();
  const { mtime, ctimeNs } = statSync(join(far, "a"), { bigint: true });
  // The clock of the file system may tick slowly: written until it did.
  do execFileSync("touch", ["-d", mtime.toISOString(), join(far, "a")]);
  while (statSync(join(far, "a"), { bigint: true }).ctimeNs === ctimeNs);
  expect((await collected(packChanges(there, snapshot))).includes('"path":"w/a"')).toBe(true);
});

test.each(["file becomes folder", "folder becomes file", "link becomes folder"])("a %s", async (how) => {
  const { here, there, far, snapshot } = await twoEnds();
  const name =
    { "file becomes folder": "a", "folder becomes file": "src", "link becomes folder": "link" }[how] ?? "";
  rmSync(join(far, name), { recursive: true });
  if (how.endsWith("file")) writeFileSync(join(far, name), "now a file");
  else mkdirSync(join(far, name, "inner"), { recursive: true });
  await applyChanges(packChanges(there, snapshot), new Map([["w", here]]));
  assertSameContent(far, here);
});

test("the longest prefix decides, and a root inside another is neither replaced nor deleted", async () => {
  const temp = scratch();
  const home = join(temp, "_home");
  mkdirSync(home);
  writeFileSync(join(home, "kept"), "x");
  const roots = new Map([
    ["github/temp", temp],
    ["github/temp/in", home],
  ]);
  const stream = streamOf(
    folder("github"),
    folder("github/temp"),
    file("github/temp/f"),
    file("github/temp/in/g"),
    symlink("github/temp/_home", "/"),
    { type: "deleted", path: "github/temp" },
  );
  await expect(applyChanges(chunked(stream), roots)).rejects.toThrow(
    /_home.*cannot be written \(it is a folder of the runner\)/,
  );
  expect(readdirSync(temp).sort()).toEqual(["_home", "f"]);
  expect(readdirSync(home).sort()).toEqual(["g", "kept"]);
});

test("what stands for no folder is reported after the rest was applied", async () => {
  const root = scratch();
  const stream = streamOf(file("elsewhere/f", 100), file("w/f"));
  await expect(applyChanges(chunked(stream), new Map([["w", root]]))).rejects.toThrow(/"elsewhere\/f"/);
  expect(readdirSync(root)).toEqual(["f"]);
});

test("a deleted folder that holds more than was sent stays", async () => {
  const root = scratch();
  mkdirSync(join(root, "d"));
  writeFileSync(join(root, "d/sent"), "");
  writeFileSync(join(root, "d/never sent"), "");
  const stream = streamOf({ type: "deleted", path: "d/sent" }, { type: "deleted", path: "d" });
  await applyChanges(chunked(stream), new Map([["", root]]));
  expect(readdirSync(join(root, "d"))).toEqual(["never sent"]);
});

test("files of the runner stay usable and lose setuid", async () => {
  const root = scratch();
  const stream = streamOf(
    { type: "file", path: "f", mode: 0o6055, mtimeNs: 0n, size: 1 },
    folder("d", 0o500),
    file("d/g"),
  );
  await applyChanges(chunked(stream), new Map([["", root]]));
  expect([lstatSync(join(root, "f")).mode & 0o7777, lstatSync(join(root, "d")).mode & 0o7777]).toEqual([
    0o655, 0o700,
  ]);
});

test("a hard link comes back as one", async () => {
  const root = scratch();
  const stream = streamOf(file("f"), { type: "hardlink", path: "g", target: "f" });
  await applyChanges(chunked(stream), new Map([["", root]]));
  expect(statSync(join(root, "g")).ino).toBe(statSync(join(root, "f")).ino);
});

test("only looks at the prefixes that it names", async () => {
  const { there, far, snapshot } = await twoEnds();
  writeFileSync(join(far, "a"), "longer than before");
  writeFileSync(join(far, "src/x"), "longer than before");
  const bytes = await collected(packChanges(there, snapshot, ["w/src"]));
  expect([bytes.includes('"w/src/x"'), bytes.includes('"w/a"')]).toEqual([true, false]);
});

test.skipIf(process.getuid?.() !== 0)(
  "an unprivileged runner replaces files of another user in its folders",
  async () => {
    const { here, there, far, snapshot } = await twoEnds();
    writeFileSync(join(far, "a"), "new and longer");
    rmSync(join(far, "b"));
    const stream = await collected(packChanges(there, snapshot));
    for (const path of [join(here, ".."), here]) chownSync(path, 65_534, 65_534);
    await asNobody(() => applyChanges(chunked(stream), new Map([["w", here]])));
    expect(readFileSync(join(here, "a"), "utf8")).toBe("new and longer");
    expect([statSync(join(here, "a")).uid, existsSync(join(here, "b"))]).toEqual([65_534, false]);
  },
);
