import { appendFile, mkdtemp, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madeUpResult } from "../testing/made-up.ts";
import { openJournal } from "./journal.ts";

const IDENTITY = { corpusDigest: "sha256:1", builders: ["kaniko 1.24.0 kaniko:v1"], probe: false };
const FIRST = new Date("2026-11-26T10:00:00Z");
const LATER = new Date("2026-11-26T12:00:00Z");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "journal-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a journal", () => {
  it("has after a cut what was finished, and when the run began", async () => {
    const journal = await openJournal(folder, IDENTITY, { resume: false, now: FIRST });
    journal.append([madeUpResult("a", "kaniko")]);
    journal.append([madeUpResult("b", "kaniko", "differs")]);
    await appendFile(join(folder, "results.jsonl"), '{"case":"c","buil');
    const resumed = await openJournal(folder, IDENTITY, { resume: true, now: LATER });
    expect(resumed.earlier.map((one) => one.case)).toEqual(["a", "b"]);
    expect(resumed.date).toBe(FIRST.toISOString());
    resumed.append([madeUpResult("c", "kaniko")]);
    const again = await openJournal(folder, IDENTITY, { resume: true, now: LATER });
    expect(again.earlier.map((one) => one.case)).toEqual(["a", "b", "c"]);
  });

  it("counts the time of earlier parts up to their last results", async () => {
    const journal = await openJournal(folder, IDENTITY, { resume: false, now: FIRST });
    expect(journal.earlierMs).toBe(0);
    const file = join(folder, "results.jsonl");
    await utimes(file, FIRST, new Date(FIRST.getTime() + 60_000));
    expect((await openJournal(folder, IDENTITY, { resume: true, now: LATER })).earlierMs).toBe(60_000);
    await utimes(file, LATER, new Date(LATER.getTime() + 5_000));
    expect((await openJournal(folder, IDENTITY, { resume: true, now: LATER })).earlierMs).toBe(65_000);
  });

  it("repeats what told nothing of the builder", async () => {
    const journal = await openJournal(folder, IDENTITY, { resume: false, now: FIRST });
    journal.append([madeUpResult("a", "kaniko", "harness-error")]);
    expect((await openJournal(folder, IDENTITY, { resume: true, now: LATER })).earlier).toEqual([]);
  });

  it("starts anew unless it is to be resumed", async () => {
    const journal = await openJournal(folder, IDENTITY, { resume: false, now: FIRST });
    journal.append([madeUpResult("a", "kaniko")]);
    const anew = await openJournal(folder, IDENTITY, { resume: false, now: LATER });
    expect({ earlier: anew.earlier, date: anew.date }).toEqual({ earlier: [], date: LATER.toISOString() });
    expect(await readFile(join(folder, "results.jsonl"), "utf8")).not.toContain('"case"');
  });

  it("starts where there is nothing to resume", async () => {
    const journal = await openJournal(folder, IDENTITY, { resume: true, now: FIRST });
    expect(journal.earlier).toEqual([]);
  });

  it.each([
    ["corpus", { ...IDENTITY, corpusDigest: "sha256:2" }],
    ["builder", { ...IDENTITY, builders: ["kaniko 1.28.3 kaniko:v2"] }],
    ["mode", { ...IDENTITY, probe: true }],
  ])("does not go on with a run of another %s", async (_, identity) => {
    await openJournal(folder, IDENTITY, { resume: false, now: FIRST });
    await expect(openJournal(folder, identity, { resume: true, now: LATER })).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      remedy: "Leave out --resume to start anew",
    });
  });
});
