import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { corpusDigest } from "./corpus-digest.ts";
import { loadCorpus } from "./load-corpus.ts";

let corpus: string;
beforeEach(async () => {
  corpus = await mkdtemp(join(tmpdir(), "slipway-corpus-"));
});
afterEach(async () => {
  await rm(corpus, { recursive: true, force: true });
});

describe("loadCorpus", () => {
  it("reads cases in order of group and id", async () => {
    await writeCase("metadata/b");
    await writeCase("metadata/a");
    await writeCase("arg/z");
    expect((await loadCorpus(corpus)).map(({ id }) => id)).toEqual(["z", "a", "b"]);
  });

  it("refuses an id that two groups have", async () => {
    await writeCase("arg/same");
    await writeCase("metadata/same");
    await expect(loadCorpus(corpus)).rejects.toThrow("metadata/same: arg has a case same already");
  });

  it("refuses a folder that is no group", async () => {
    await writeCase("meta/x");
    await expect(loadCorpus(corpus)).rejects.toThrow("meta: is not a group");
  });

  it("refuses a case in the folder of another", async () => {
    await writeCase("arg/one", { yaml: caseYaml("arg", "two") });
    await expect(loadCorpus(corpus)).rejects.toThrow(/are arg\/two, but the folder is arg\/one/);
  });

  it.each(["Dockerfile", "case.yaml"])("misses %s", async (name) => {
    await writeCase("arg/one");
    await rm(join(corpus, "arg/one", name));
    await expect(loadCorpus(corpus)).rejects.toThrow(`arg/one/${name}: cannot be read`);
  });

  it("misses a source of COPY that neither context nor recipe makes", async () => {
    await writeCase("arg/one", { dockerfile: "FROM scratch\nCOPY app/file /\n" });
    await expect(loadCorpus(corpus)).rejects.toThrow("arg/one/Dockerfile: line 2 takes app/file");
    await writeFiles({ "arg/one/context/app/file": "" });
    expect(await loadCorpus(corpus)).toHaveLength(1);
  });

  it("takes a source that the recipe makes, or that only a builder can tell", async () => {
    const yaml = `${caseYaml("arg", "one")}recipe: [{ path: d/made, type: fifo }]\n`;
    const dockerfile =
      "FROM scratch\nCOPY d/made *.txt $x /to/\nCOPY --from=0 /else /\nADD https://a.invalid/f /\n";
    await writeCase("arg/one", { yaml, dockerfile });
    expect(await loadCorpus(corpus)).toHaveLength(1);
  });

  it("refuses a file of the context in the place of the Dockerfile", async () => {
    await writeCase("arg/one");
    await writeFiles({ "arg/one/context/Dockerfile": "FROM scratch\n" });
    await expect(loadCorpus(corpus)).rejects.toThrow("arg/one/context/Dockerfile: is in the place of");
  });

  it("refuses a symbolic link in a context, which packages do not keep", async () => {
    await writeCase("arg/one");
    await writeFiles({ "arg/one/context/file": "" });
    await symlink("file", join(corpus, "arg/one/context/link"));
    await expect(loadCorpus(corpus)).rejects.toThrow("arg/one/context/link: is neither a file nor a folder");
  });
});

describe("corpusDigest", () => {
  it("changes with every name and every byte", async () => {
    await writeCase("arg/one");
    const digests = [await corpusDigest(corpus)];
    for (const files of [
      { "arg/one/context/f": "a" },
      { "arg/one/context/f": "b" },
      { "arg/one/context/g": "" },
    ]) {
      await writeFiles(files);
      digests.push(await corpusDigest(corpus));
    }
    expect(new Set(digests).size).toBe(4);
    expect(await corpusDigest(corpus)).toBe(digests.at(-1));
  });
});

async function writeCase(
  path: string,
  { yaml, dockerfile = "FROM scratch\n" }: { yaml?: string; dockerfile?: string } = {},
): Promise<void> {
  const [group = "", id = ""] = path.split("/");
  await writeFiles({
    [`${path}/case.yaml`]: yaml ?? caseYaml(group, id),
    [`${path}/Dockerfile`]: dockerfile,
  });
}

async function writeFiles(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(corpus, path)), { recursive: true });
    await writeFile(join(corpus, path), text);
  }
}

function caseYaml(group: string, id: string): string {
  return `id: ${id}
group: ${group}
title: Something is so
spec: https://docs.docker.com/reference/dockerfile/#env
base: scratch
expect: { layers: 1 }
`;
}
