import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { RunRecord } from "../run-record.ts";
import { differing, KANIKO, madeUpCase, madeUpEntry, madeUpResult } from "../testing/made-up.ts";
import { parseKnownDifferences } from "./known-differences.ts";
import { proposeBaseline } from "./propose-baseline.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "proposal-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a proposal", () => {
  it("keeps what is known, adds what is new, leaves out what passes, and is refused until a person says why", async () => {
    const record = {
      builders: [KANIKO],
      cases: ["kept", "new", "mended"].map((id) => madeUpCase(id)),
      results: [madeUpResult("new", "kaniko", "differs", differing("owner:/b", "mode:/a", "owner:/b"))],
      verdicts: [
        { case: "kept", builder: "kaniko", verdict: "known", known: madeUpEntry("kept") },
        { case: "new", builder: "kaniko", verdict: "regression" },
        { case: "mended", builder: "kaniko", verdict: "unexpected-pass", known: madeUpEntry("mended") },
      ],
    } as unknown as RunRecord;
    const [file = ""] = await proposeBaseline(record, folder, new Date("2026-11-26T10:00:00Z"));
    const text = await readFile(file, "utf8");
    expect(parse(text)).toEqual([
      madeUpEntry("kept"),
      {
        ...madeUpEntry("new"),
        differences: ["mode:/a", "owner:/b"],
        reason: "",
        evidence: "",
        added: "2026-11-26",
        expires: "2027-05-28",
      },
    ]);
    expect(() => parseKnownDifferences(text, "kaniko.yaml")).toThrow("entry 2, field reason, is empty");
  });
});
