import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyChanges, packTree, unpackTree } from "../src/index.ts";
import { asNobody, chunked, collected, file, folder, scratch, streamOf, symlink } from "./scratch.ts";

const small = () =>
  streamOf(folder("a"), file("a/b", 5), symlink("l", "a"), { type: "deleted", path: "gone" });

test("a stream that is cut at any byte is refused, and changes nothing on the runner", async () => {
  const bytes = small();
  const root = scratch();
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length);
    await expect(unpackTree(chunked(cut), scratch()), `${length}`).rejects.toMatchObject({
      code: "CLUSTER_UNAVAILABLE",
    });
    await expect(applyChanges(chunked(cut), new Map([["", root]])), `${length}`).rejects.toThrow(
      /cut or damaged/,
    );
  }
  expect(readdirSync(root)).toEqual([]);
});

test("a stream with any one bit flipped is refused, and changes nothing on the runner", async () => {
  const bytes = small();
  const root = scratch();
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await expect(applyChanges(chunked(flipped), new Map([["", root]])), `bit ${bit}`).rejects.toThrow();
  }
  expect(readdirSync(root)).toEqual([]);
});

test("bytes after the end are refused", async () => {
  const bytes = Buffer.concat([small(), Buffer.from("\n")]);
  await expect(unpackTree(chunked(bytes), scratch())).rejects.toThrow(/bytes follow its end/);
});

test("a large file that is cut is refused", async () => {
  const from = scratch();
  writeFileSync(join(from, "large"), Buffer.alloc(3_000_000, 7));
  const bytes = await collected(packTree([{ from, to: "" }]));
  await expect(unpackTree(chunked(bytes.subarray(0, 2_500_000)), scratch())).rejects.toThrow(/ended early/);
});

test("a failing source is told of as it is", async () => {
  async function* failing() {
    yield small().subarray(0, 40);
    throw new Error("socket hang up");
  }
  await expect(unpackTree(failing(), scratch())).rejects.toThrow("socket hang up");
});

test.each(["entries", "bytes"] as const)("the limit of %s is named", async (which) => {
  const from = scratch();
  mkdirSync(join(from, "d"));
  for (const name of ["a", "b", "c"]) writeFileSync(join(from, "d", name), "12345");
  const limits = which === "entries" ? { maxEntries: 3, maxBytes: 1000 } : { maxEntries: 100, maxBytes: 14 };
  await expect(collected(packTree([{ from, to: "" }], limits))).rejects.toMatchObject({
    code: "CONTEXT_UNAVAILABLE",
    message: expect.stringContaining(which),
  });
  await expect(
    collected(packTree([{ from, to: "" }], { maxEntries: 4, maxBytes: 15 })),
  ).resolves.toBeDefined();
});

test.each([
  ["grows", (path: string) => writeFileSync(path, "more", { flag: "a" })],
  ["is replaced", (path: string) => writeFileSync(path, Buffer.alloc(5_000_000, 9))],
  ["shrinks", (path: string) => writeFileSync(path, "")],
])("a file that %s while it is read is noticed", async (_how, change) => {
  const from = scratch();
  const path = join(from, "f");
  writeFileSync(path, Buffer.alloc(5_000_000, 7));
  const packing = packTree([{ from, to: "" }]);
  await packing.next();
  await packing.next();
  change(path);
  await expect(collected(packing)).rejects.toMatchObject({
    code: "CONTEXT_UNAVAILABLE",
    details: { changed: true, path: "f" },
  });
});

test("a file that cannot be read is named", async () => {
  const from = scratch();
  writeFileSync(join(from, "secret"), "x", { mode: 0 });
  chmodSync(from, 0o755);
  await asNobody(async () => {
    await expect(collected(packTree([{ from, to: "" }]))).rejects.toThrow('"secret" cannot be read (EACCES)');
  });
});

test("a folder that does not exist is named", async () => {
  await expect(collected(packTree([{ from: "/does/not/exist", to: "" }]))).rejects.toMatchObject({
    code: "CONTEXT_UNAVAILABLE",
  });
});
