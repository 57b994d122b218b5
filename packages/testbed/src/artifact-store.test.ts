import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Artifact, ArtifactStore, artifactKey } from "./artifact-store.ts";

const artifact = (ingredients: string[], make?: Artifact["make"]): Artifact => ({
  name: "thing",
  ingredients,
  make: make ?? ((folder) => writeFile(join(folder, "content"), ingredients.join())),
});

describe("artifactKey", () => {
  it("changes with every ingredient, their order and their boundaries", () => {
    const keys = [["a", "b"], ["b", "a"], ["ab"], ["a", "b", ""], ["a", "c"]].map((list) =>
      artifactKey(artifact(list)),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(artifactKey(artifact(["a", "b"]))).toBe(keys[0]);
  });
});

describe("ArtifactStore", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "slipway-store-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  it("makes an artifact once", async () => {
    let made = 0;
    const counted = artifact(["1"], async () => void made++);
    const store = new ArtifactStore(root);
    const path = await store.ensure(counted);
    expect(await store.ensure(counted)).toBe(path);
    expect(made).toBe(1);
  });

  it("makes it again for changed ingredients and drops the older one, but not its namesakes", async () => {
    const store = new ArtifactStore(root);
    const namesake = { ...artifact(["x"]), name: "thing-else" };
    const kept = await store.ensure(namesake);
    const old = await store.ensure(artifact(["1"]));
    const fresh = await store.ensure(artifact(["2"]));
    expect(await readFile(join(fresh, "content"), "utf8")).toBe("2");
    expect([existsSync(old), existsSync(kept)]).toEqual([false, true]);
  });

  it("removes what a killed process had begun, and nothing else", async () => {
    const store = new ArtifactStore(root);
    const kept = await store.ensure(artifact(["1"]));
    await mkdir(join(root, ".making-abc"));
    await store.removeUnfinished();
    expect(await readdir(root)).toEqual([basename(kept)]);
  });

  it("keeps nothing of a recipe that fails half way", async () => {
    const failing = artifact(["1"], async (folder) => {
      await writeFile(join(folder, "half"), "");
      throw new Error("no space");
    });
    const store = new ArtifactStore(root);
    await expect(store.ensure(failing)).rejects.toThrow("no space");
    expect([await readdir(root), store.has(failing)]).toEqual([[], false]);
  });
});
