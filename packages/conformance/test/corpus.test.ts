import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  FEATURES,
  type Feature,
  inspectDockerfile,
  isBuildError,
  readDockerfile,
  requestFeatures,
} from "@slipway/core";
import { describe, expect, it } from "vitest";
import { contextDigest } from "../src/corpus/context-digest.ts";
import type { CorpusCase } from "../src/corpus/corpus-case.ts";
import { countFacts } from "../src/corpus/count-facts.ts";
import { CORPUS_FOLDER, listCases, loadCase, loadCorpus } from "../src/corpus/load-corpus.ts";
import { materialiseContext, needsRoot } from "../src/corpus/materialise-context.ts";
import { requestOf } from "../src/run/request-of.ts";

/** No fewer than there were: a case that disappears is noticed, and a fact where cases were put together. */
const AT_LEAST = { cases: 590, facts: 2300 };

const names = (await listCases()).map(({ group, id }) => [`${group}/${id}`, group, id] as const);

describe.each(names)("case %s", (_name, group, id) => {
  it("loads, and needs what core says that it needs", async () => {
    const one = await loadCase(CORPUS_FOLDER, group, id);
    expect([...one.features].sort()).toEqual(await featuresByCore(one));
  });

  it("makes the same context each time", async () => {
    const one = await loadCase(CORPUS_FOLDER, group, id);
    if (needsRoot(one) && process.getuid?.() !== 0) return;
    expect(await digestOnce(one)).toBe(await digestOnce(one));
  });

  it("takes nothing from the internet but images that the test bed mirrors", async () => {
    const dockerfile = await readFile(join(CORPUS_FOLDER, group, id, "Dockerfile"), "utf8");
    expect(
      dockerfile.match(/\b(?:https?|ftp):\/\/(?!127\.0\.0\.1|localhost|[\w.-]*\.invalid\b)\S+/g) ?? [],
    ).toEqual([]);
  });
});

describe("the corpus", () => {
  it(`has at least ${AT_LEAST.cases} cases with ${AT_LEAST.facts} facts`, async () => {
    const corpus = await loadCorpus();
    expect(corpus.length).toBeGreaterThanOrEqual(AT_LEAST.cases);
    expect(countFacts(corpus)).toBeGreaterThanOrEqual(AT_LEAST.facts);
  });

  it("has no title twice", async () => {
    const titles = (await loadCorpus()).map(({ title }) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  });

  it("has a case for every feature", async () => {
    const used = new Set((await loadCorpus()).flatMap(({ features }) => features));
    expect(Object.keys(FEATURES).filter((feature) => !used.has(feature as Feature))).toEqual([]);
  });

  it("has no file that git ignores", async () => {
    const ignored = ["ls-files", "--others", "--ignored", "--exclude-standard", "."];
    const { stdout } = await promisify(execFile)("git", ignored, { cwd: CORPUS_FOLDER });
    expect(stdout).toBe("");
  });
});

/** The features of Dockerfile and request; none for a Dockerfile that core refuses. */
async function featuresByCore(one: CorpusCase): Promise<readonly string[]> {
  const { folder, expect: wanted } = one;
  const request = requestOf(one, folder, "r/i:1", { files: "http://files.invalid" });
  try {
    const { text } = await readDockerfile(join(folder, "Dockerfile"), { allowedRoots: [folder] });
    const { needs } = inspectDockerfile(text, { ...request, nodePlatform: "linux/amd64" });
    // A line comes from core, or from a builder whose build failed there.
    if ("fails" in wanted && wanted.line !== undefined) expect(wanted.fails).not.toEqual(["INVALID_REQUEST"]);
    return [...new Set([...requestFeatures(request), ...needs.map(({ feature }) => feature)])].sort();
  } catch (error) {
    // Refused before anything is built: the case must say so, with the line.
    if (!isBuildError(error) || !("fails" in wanted)) throw error;
    expect(wanted.fails).toContain(error.code);
    expect(wanted.line).toBe(error.details["line"]);
    return [...requestFeatures(request)].sort();
  }
}

async function digestOnce(one: CorpusCase): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-corpus-"));
  try {
    await materialiseContext(one, folder);
    return await contextDigest({
      context: { kind: "directory", path: folder },
      dockerfile: one.build.dockerfile,
    });
  } catch (error) {
    // A bad .dockerignore is the point of its case.
    if (isBuildError(error) && "fails" in one.expect && one.expect.fails.includes(error.code))
      return error.code;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
