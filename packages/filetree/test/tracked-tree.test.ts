import {
  appendFileSync,
  linkSync,
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
import { applyChanges, packTree, TrackedTree } from "../src/index.ts";
import { chunked, collected, file, folder, listing, scratch, streamOf } from "./scratch.ts";

/** Paths that a stream names, `!` before those that are gone. */
async function named(tree: TrackedTree, only = ["w"]): Promise<string[]> {
  return namesIn(await collected(tree.changes(only).stream));
}

function namesIn(bytes: Buffer): string[] {
  const headers = bytes.toString("latin1").matchAll(/"type":"(\w+)","path":"([^"]+)"/g);
  return Array.from(headers, ([, type, path]) => (type === "deleted" ? `!${path}` : `${path}`));
}

async function tracked() {
  const [runner, pod] = [scratch(), scratch()];
  mkdirSync(join(runner, "src"));
  for (const path of ["a", "b", "src/x"]) writeFileSync(join(runner, path), path);
  linkSync(join(runner, "a"), join(runner, "src/same"));
  symlinkSync("a", join(runner, "link"));
  const tree = new TrackedTree(pod);
  await tree.take(packTree([{ from: runner, to: "w" }]));
  return { runner, pod, far: join(pod, "w"), tree };
}

test("what was taken is no change, also not a file that got one more name", async () => {
  const { runner, far, tree } = await tracked();
  expect([await named(tree), listing(far)]).toEqual([[], listing(runner)]);
});

test("changes are told until they are confirmed, and what changed meanwhile after it", async () => {
  const { far, tree } = await tracked();
  writeFileSync(join(far, "a"), "longer than before");
  rmSync(join(far, "b"));
  const first = tree.changes(["w"]);
  const expected = ["w/a", "w/src/same", "!w/b"];
  expect(namesIn(await collected(first.stream))).toEqual(expected);
  expect(await named(tree)).toEqual(expected);
  writeFileSync(join(far, "src/x"), "changed after it was looked at");
  first.confirm();
  expect(await named(tree)).toEqual(["w/src/x"]);
});

test("a stream on top changes only what it names", async () => {
  const { far, tree } = await tracked();
  writeFileSync(join(far, "mine"), "of the step");
  writeFileSync(join(far, "a"), "of the step");
  await tree.take(chunked(streamOf(file("w/new"), file("w/b"), { type: "deleted", path: "w/src/x" })));
  expect(readdirSync(far).sort()).toEqual(["a", "b", "link", "mine", "new", "src"]);
  expect(await named(tree)).toEqual(["w/a", "w/mine", "w/src/same"]);
});

test("a folder that is gone at the other end stays while it holds what only this end has", async () => {
  const { far, tree } = await tracked();
  rmSync(join(far, "src/same"));
  writeFileSync(join(far, "src/mine"), "");
  const gone = ["w/src/x", "w/src"].map((path) => ({ type: "deleted", path }) as const);
  await tree.take(chunked(streamOf(...gone)));
  const left = ["w/src", "w/src/mine", "!w/src/same"];
  expect([readdirSync(join(far, "src")), await named(tree, ["w/src"])]).toEqual([["mine"], left]);
});

test("folders that no entry describes can be entered by everybody", async () => {
  const pod = scratch();
  await new TrackedTree(pod).take(chunked(streamOf(file("deep/er/f"))));
  expect(statSync(join(pod, "deep/er")).mode & 0o777).toBe(0o755);
});

test.skipIf(process.getuid?.() !== 0)("all that is made belongs to the owner", async () => {
  const pod = scratch();
  const owner = { uid: 1234, gid: 4321 };
  await new TrackedTree(pod).take(chunked(streamOf(file("deep/f"), folder("d"))), { owner });
  const owners = ["deep", "deep/f", "d"]
    .map((path) => statSync(join(pod, path)))
    .map(({ uid, gid }) => [uid, gid]);
  expect(owners).toEqual([
    [1234, 4321],
    [1234, 4321],
    [1234, 4321],
  ]);
});

test("overlapping prefixes tell each change once, and nothing beside them is looked at", async () => {
  const { far, tree } = await tracked();
  writeFileSync(join(far, "src/x"), "longer than before");
  writeFileSync(join(far, "a"), "longer than before");
  expect(await named(tree, ["w/src", "w/src/x", "w/src", "w/sr", "nowhere/at/all"])).toEqual([
    "w/src/same",
    "w/src/x",
  ]);
});

test("a link in the place of a folder above a prefix is not followed", async () => {
  const { far, tree } = await tracked();
  const outside = scratch();
  writeFileSync(join(outside, "secret"), "");
  renameSync(join(far, "src"), join(far, "old"));
  symlinkSync(outside, join(far, "src"));
  const gone = ["!w/src/x", "!w/src/same"];
  expect([await named(tree, ["w/src/secret"]), await named(tree, ["w/src/x", "w/src/same"])]).toEqual([
    [],
    gone,
  ]);
});

test("programs may be at work while changes are packed: what is gone is left out, what grows comes again", async () => {
  const { far, tree } = await tracked();
  const [runner, large] = [scratch(), "x".repeat(3_000_000)];
  for (const name of ["0", "1", "2"]) mkdirSync(join(far, "work", name), { recursive: true });
  for (const name of ["0/log", "1/gone", "2/small"]) writeFileSync(join(far, "work", name), large);
  const changes = tree.changes(["w/work"]);
  async function* disturbed() {
    let isFirst = true;
    for await (const chunk of changes.stream) {
      yield chunk;
      if (!isFirst || chunk.length < 100_000) continue;
      isFirst = false;
      appendFileSync(join(far, "work/0/log"), "more");
      rmSync(join(far, "work/1"), { recursive: true });
      writeFileSync(join(far, "work/2/small"), "small now");
    }
  }
  await applyChanges(disturbed(), new Map([["w", runner]]));
  changes.confirm();
  expect(readFileSync(join(runner, "work/0/log"), "utf8")).toBe(large);
  expect(readFileSync(join(runner, "work/2/small"), "utf8")).toBe("small now");
  expect(await named(tree, ["w/work"])).toEqual(["w/work/0/log"]);
});

/** Whatever the program does to the file each time that a large piece of a stream goes by. */
async function* disturbedBy(stream: AsyncIterable<Buffer>, disturb: (times: number) => void) {
  let times = 0;
  for await (const chunk of stream) {
    yield chunk;
    if (chunk.length <= 100_000) continue;
    times += 1;
    disturb(times);
  }
}

test("a large file that gets shorter while it is read is sent again as it is then", async () => {
  const { far, tree } = await tracked();
  const runner = scratch();
  writeFileSync(join(far, "log"), "x".repeat(3_000_000));
  const changes = tree.changes(["w/log"]);
  const cut = (times: number) => times === 1 && writeFileSync(join(far, "log"), "cut");
  const { leftOut } = await applyChanges(disturbedBy(changes.stream, cut), new Map([["w", runner]]));
  expect([readdirSync(runner), readFileSync(join(runner, "log"), "utf8"), leftOut]).toEqual([
    ["log"],
    "cut",
    [],
  ]);
});

test("a large file that never comes to rest is left out: no mixture arrives, what was there stays, and it is a change the next time", async () => {
  const { far, tree } = await tracked();
  const runner = scratch();
  writeFileSync(join(runner, "db"), "of before");
  writeFileSync(join(far, "db"), "0".repeat(3_000_000));
  const changes = tree.changes(["w/db"]);
  const rewrite = (times: number) => writeFileSync(join(far, "db"), `${times % 10}`.repeat(3_000_000));
  const { leftOut } = await applyChanges(disturbedBy(changes.stream, rewrite), new Map([["w", runner]]));
  changes.confirm();
  expect([readFileSync(join(runner, "db"), "utf8"), leftOut]).toEqual(["of before", ["w/db"]]);
  expect([readdirSync(runner), await named(tree, ["w/db"])]).toEqual([["db"], ["w/db"]]);
});

test("another name of a file that was taken back comes as a file", async () => {
  const { far, tree } = await tracked();
  const runner = scratch();
  writeFileSync(join(far, "one"), "1".repeat(3_000_000));
  linkSync(join(far, "one"), join(far, "two"));
  const cut = (times: number) => {
    if (times > 1) return;
    rmSync(join(far, "one"));
    writeFileSync(join(far, "one"), "another");
  };
  await applyChanges(disturbedBy(tree.changes(["w/one", "w/two"]).stream, cut), new Map([["w", runner]]));
  expect([readFileSync(join(runner, "one"), "utf8"), statSync(join(runner, "two")).size]).toEqual([
    "another",
    3_000_000,
  ]);
});

test("nothing is taken back where files go straight into place", async () => {
  const stream = chunked(streamOf(file("f"), { type: "retracted", path: "f" }));
  await expect(new TrackedTree(scratch()).take(stream)).rejects.toThrow(/"f" is taken back/);
});

test("only the file just before it can be taken back", async () => {
  const runner = scratch();
  const stream = chunked(streamOf(file("w/f"), file("w/g"), { type: "retracted", path: "w/f" }));
  await expect(applyChanges(stream, new Map([["w", runner]]))).rejects.toThrow(/"w\/f" is taken back/);
  expect(readdirSync(runner)).toEqual([]);
});
