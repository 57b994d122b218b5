import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packTree, unpackTree } from "../src/index.ts";
import { assertSameContent, chunked, collected, listing, scratch } from "./scratch.ts";

const TIME = 1_700_000_000.25;

/** 500 files of all sizes around the limits of chunks and buffers, and every other kind of entry. */
function manyFiles(root: string): void {
  const sizes = [0, 1, 4095, 65_535, 65_536, 65_537, 262_144, 600_001];
  for (let index = 0; index < 500; index += 1) {
    const parent = join(root, `d${index % 7}`, `e${index % 3}`);
    mkdirSync(parent, { recursive: true });
    const path = join(parent, `f${index}`);
    writeFileSync(path, Buffer.alloc(index % 50 === 0 ? (sizes[(index / 50) % 8] ?? 0) : index, index));
    chmodSync(path, [0o644, 0o755, 0o600, 0o4755, 0o444][index % 5] ?? 0);
    utimesSync(path, TIME, TIME + index);
  }
  mkdirSync(join(root, "empty"));
  chmodSync(join(root, "empty"), 0o1777);
  symlinkSync("../nowhere", join(root, "dangling"));
  linkSync(join(root, "d0/e0/f0"), join(root, "d1/second name"));
  chmodSync(join(root, "d2"), 0o555);
  for (const name of readdirSync(root)) if (name !== "dangling") utimesSync(join(root, name), TIME, TIME);
}

test.each([1, 997, 65_536, 1 << 24])(
  "a tree comes out as it went in, in chunks of %d bytes",
  async (size) => {
    const [from, to] = [scratch(), scratch()];
    // Bytes one by one are enough for a small part of it.
    if (size === 1) writeFileSync(join(from, "small"), "content");
    else manyFiles(from);
    const packed = packTree([{ from, to: "" }]);
    const summary = await unpackTree(chunked(await collected(packed), size), to);
    assertSameContent(from, to);
    expect(listing(to)).toBe(listing(from));
    expect(summary.entries).toBe(listing(from).split("\n").length - 1);
  },
);

test("packing the same tree twice gives the same bytes", async () => {
  const from = scratch();
  manyFiles(from);
  const [first, second] = [
    await collected(packTree([{ from, to: "x" }])),
    await collected(packTree([{ from, to: "x" }])),
  ];
  expect(first.equals(second)).toBe(true);
});

test.each([
  ["a line break", Buffer.from("a\nb")],
  ["bytes that are not UTF-8", Buffer.from([0x66, 0xe9, 0xff, 0x80])],
  ["letters beyond ASCII", Buffer.from("ünïcödé ☃")],
  ["a leading dash", Buffer.from("-rf")],
  ["a backslash and quotes", Buffer.from("a\\b\"c'$(x)")],
  ["255 bytes", Buffer.alloc(255, "n")],
  ["three dots", Buffer.from("...")],
])("a name with %s is kept", async (_what, name) => {
  const [from, to] = [scratch(), scratch()];
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), name]), "x");
  symlinkSync(name, join(from, "link"));
  await unpackTree(packTree([{ from, to: "" }]), to);
  expect(readdirSync(to, { encoding: "latin1" })).toContain(name.toString("latin1"));
  expect(listing(to)).toBe(listing(from));
});

test("a path of 2000 bytes is kept", async () => {
  const [from, to] = [scratch(), scratch()];
  const deep = Array.from({ length: 20 }, () => "d".repeat(99)).join("/");
  mkdirSync(join(from, deep), { recursive: true });
  writeFileSync(join(from, deep, "leaf"), "x");
  await unpackTree(packTree([{ from, to: "" }]), to);
  assertSameContent(from, to);
});

test("several sources, files and texts go where they are told to", async () => {
  const [from, to] = [scratch(), scratch()];
  writeFileSync(join(from, "f"), "of the folder");
  const sources = [
    { from, to: "context" },
    { from: join(from, "f"), to: "Dockerfile" },
    { text: "FROM scratch\n", to: "ca/text" },
  ];
  await unpackTree(packTree(sources), to);
  expect(readdirSync(to, { recursive: true }).sort()).toEqual([
    "Dockerfile",
    "ca",
    "ca/text",
    "context",
    "context/f",
  ]);
});

test("include decides, and a folder can be taken for the sake of what it holds", async () => {
  const [from, to] = [scratch(), scratch()];
  for (const path of ["a/keep", "a/drop", "b/drop", "c/keep"]) {
    mkdirSync(join(from, path, ".."), { recursive: true });
    writeFileSync(join(from, path), "x");
  }
  const include = (path: string, isDirectory: boolean) =>
    isDirectory ? (path === "c" ? false : ("inside" as const)) : path.endsWith("keep");
  await unpackTree(packTree([{ from, to: "", include }]), to);
  expect(readdirSync(to, { recursive: true }).sort()).toEqual(["a", "a/keep"]);
});

test("FIFOs are left out and named", async () => {
  const from = scratch();
  execFileSync("mkfifo", [join(from, "pipe")]);
  const packing = packTree([{ from, to: "ctx" }]);
  let step = await packing.next();
  while (step.done !== true) step = await packing.next();
  expect(step.value).toMatchObject({ entries: 1, skipped: { count: 1, first: ["ctx/pipe"] } });
});

test("an existing entry of another type is replaced", async () => {
  const [from, to] = [scratch(), scratch()];
  mkdirSync(join(from, "folder"));
  writeFileSync(join(from, "file"), "new");
  symlinkSync("file", join(from, "link"));
  symlinkSync("/etc", join(to, "folder"));
  mkdirSync(join(to, "file/below"), { recursive: true });
  mkdirSync(join(to, "link"));
  await unpackTree(packTree([{ from, to: "" }]), to);
  assertSameContent(from, to);
});

test("a folder for everybody is writable for everybody", async () => {
  const [from, to] = [scratch(), scratch()];
  mkdirSync(join(from, "commands"));
  writeFileSync(join(from, "commands/output"), "", { mode: 0o600 });
  writeFileSync(join(from, "other"), "", { mode: 0o600 });
  await unpackTree(packTree([{ from, to: "" }]), to, { worldWritable: ["commands"] });
  const modes = ["commands", "commands/output", "other"].map((path) => statSync(join(to, path)).mode & 0o777);
  expect(modes).toEqual([0o777, 0o666, 0o600]);
});
