import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyChanges, findSourceChanges, packTree, snapshotSources, unpackTree } from "../src/index.ts";
import { assertSameContent, scratch } from "./scratch.ts";

async function twoFolders() {
  const [here, there] = [scratch(), scratch()];
  for (const path of ["temp/a", "temp/own/secret", "temp/gone/x", "other/b", "unsent/c"]) {
    mkdirSync(join(here, path, ".."), { recursive: true });
    writeFileSync(join(here, path), `old ${path}`);
  }
  const sources = [
    { from: join(here, "temp"), to: "w/temp", include: (path: string) => path !== "own" },
    { from: join(here, "other"), to: "w/other" },
  ];
  await unpackTree(packTree(sources), there);
  return { here, there, sources, snapshot: snapshotSources(sources) };
}

test("changes of several folders arrive at their places, deletions included, and nothing else", async () => {
  const { here, there, sources, snapshot } = await twoFolders();
  writeFileSync(join(here, "temp/a"), "new and longer");
  writeFileSync(join(here, "temp/own/secret"), "still ours");
  writeFileSync(join(here, "other/made"), "made");
  rmSync(join(here, "temp/gone"), { recursive: true });
  const { entries } = await applyChanges(findSourceChanges(sources, snapshot).pack(), new Map([["", there]]));
  expect(entries).toBe(4);
  assertSameContent(join(here, "other"), join(there, "w/other"));
  expect(readFileSync(join(there, "w/temp/a"), "utf8")).toBe("new and longer");
  expect(existsSync(join(there, "w/temp/own"))).toBe(false);
  expect(existsSync(join(there, "w/temp/gone"))).toBe(false);
});

test("a folder that is no source any more is gone for the other side", async () => {
  const { there, sources, snapshot } = await twoFolders();
  await applyChanges(findSourceChanges(sources.slice(0, 1), snapshot).pack(), new Map([["", there]]));
  expect(existsSync(join(there, "w/other"))).toBe(false);
  expect(existsSync(join(there, "w/temp/a"))).toBe(true);
});

test("nothing is found where nothing changed", async () => {
  const { sources, snapshot } = await twoFolders();
  const { isEmpty, now } = findSourceChanges(sources, snapshot);
  expect(isEmpty).toBe(true);
  expect(now).toEqual(snapshot);
});
