import type { CaseResult } from "@slipway/conformance";
import { describe, expect, it } from "vitest";
import type { KnownDifference } from "../run-record.ts";
import { differing, KANIKO, madeUpCase, madeUpEntry, madeUpResult } from "../testing/made-up.ts";
import { judgeRun } from "./verdicts.ts";

const CASES = [
  madeUpCase("plain"),
  madeUpCase("parents", { features: ["copy-parents"] }),
  madeUpCase("chmod", { features: ["copy-chmod"] }),
];
const TODAY = "2026-06-01T10:00:00Z";

function judged(results: readonly CaseResult[], known: readonly KnownDifference[] = []) {
  const corpus = [...CASES.map(({ id }) => id), "not-asked-for"];
  const { verdicts, waivers } = judgeRun({ cases: CASES, corpus, builders: [KANIKO], results }, known, TODAY);
  return {
    verdicts: Object.fromEntries(verdicts.map((cell) => [cell.case, cell.verdict])),
    waivers: waivers.map(({ problem, entry }) => `${problem} ${entry.case}`),
  };
}

const result = (id: string, status: CaseResult["status"], ...ids: string[]) =>
  madeUpResult(id, "kaniko", status, differing(...ids));

describe("a verdict", () => {
  it("is expected of what passes, and of an honest refusal of what is not declared", () => {
    const results = [
      result("plain", "pass"),
      result("parents", "unsupported"),
      result("chmod", "pass-with-warning"),
    ];
    expect(judged(results).verdicts).toEqual({ plain: "expected", parents: "expected", chmod: "expected" });
  });

  it("is a regression of a refusal of what every builder does, or what it declares", () => {
    const results = [
      result("plain", "unsupported"),
      result("parents", "pass"),
      result("chmod", "unsupported"),
    ];
    expect(judged(results).verdicts).toEqual({
      plain: "regression",
      parents: "expected",
      chmod: "regression",
    });
  });

  it("is incomplete without a result, or with one that tells nothing", () => {
    const results = [result("plain", "harness-error"), result("parents", "skipped")];
    expect(judged(results).verdicts).toEqual({
      plain: "incomplete",
      parents: "incomplete",
      chmod: "incomplete",
    });
  });

  it("is known where an entry has the status and all of the differences", () => {
    const known = [madeUpEntry("plain", { differences: ["owner:/a", "mode:/a"] })];
    const found = judged([result("plain", "differs", "mode:/a", "owner:/a", "mode:/a")], known);
    expect(found.verdicts["plain"]).toBe("known");
    expect(found.waivers).toEqual([]);
  });

  it.each([
    ["one difference more", result("plain", "differs", "mode:/a", "owner:/a")],
    ["one difference less", result("plain", "differs")],
    ["another status", result("plain", "silently-ignored", "mode:/a")],
  ])("is a regression, and the entry unmatched, with %s", (_, one) => {
    const found = judged([one], [madeUpEntry("plain")]);
    expect(found.verdicts["plain"]).toBe("regression");
    expect(found.waivers).toEqual(["unmatched plain"]);
  });

  it("is an unexpected pass where an entry stands, and the case passes", () => {
    expect(judged([result("plain", "pass")], [madeUpEntry("plain")]).verdicts["plain"]).toBe(
      "unexpected-pass",
    );
  });

  it("does not count an entry that has expired, from the day after", () => {
    const one = [result("plain", "differs", "mode:/a")];
    expect(judged(one, [madeUpEntry("plain", { expires: "2026-06-01" })]).verdicts["plain"]).toBe("known");
    const found = judged(one, [madeUpEntry("plain", { expires: "2026-05-31" })]);
    expect(found.verdicts["plain"]).toBe("regression");
    expect(found.waivers).toEqual(["expired plain"]);
  });

  it("tells an entry of a case that there is not, and none of one that was not asked for", () => {
    const known = [madeUpEntry("gone"), madeUpEntry("not-asked-for")];
    expect(judged([], known).waivers).toEqual(["unused gone"]);
  });

  it("counts an entry for its versions only", () => {
    const one = [result("plain", "differs", "mode:/a")];
    const of = (versions: string) => judged(one, [madeUpEntry("plain", { versions })]).verdicts["plain"];
    expect(of(">=1.24 <1.25")).toBe("known");
    expect(of(">=1.25")).toBe("regression");
  });
});
