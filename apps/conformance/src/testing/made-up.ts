import type { CaseResult, CorpusCase, Status } from "@slipway/conformance";
import type { BuilderRecord, KnownDifference } from "../run-record.ts";

/** A case of the core profile, for what does not look into it. */
export function madeUpCase(id: string, changes: Partial<CorpusCase> = {}): CorpusCase {
  return {
    id,
    group: "copy",
    title: `the case ${id}`,
    spec: "https://docs.docker.com/reference/dockerfile/#copy",
    base: "scratch",
    features: [],
    build: { dockerfile: "Dockerfile" },
    recipe: [],
    expect: {},
    folder: "/nowhere",
    ...changes,
  };
}

export function madeUpResult(
  id: string,
  builder: string,
  status: Status = "pass",
  changes: Partial<CaseResult> = {},
): CaseResult {
  return { case: id, builder, status, differences: [], durationMs: 1, log: [], ...changes };
}

/** The differences of some ids. */
export function differing(...ids: readonly string[]): Pick<CaseResult, "differences"> {
  return { differences: ids.map((id) => ({ id, expected: "this", actual: "that" })) };
}

export const KANIKO: BuilderRecord = {
  id: "kaniko",
  implementation: "Kaniko",
  version: "1.24.0",
  image: "kaniko:v1.24.0",
  profile: "default",
  features: ["copy-chmod"],
};

export function madeUpEntry(id: string, changes: Partial<KnownDifference> = {}): KnownDifference {
  return {
    case: id,
    builder: "kaniko",
    expect: "differs",
    differences: ["mode:/a"],
    reason: "it is so",
    evidence: "copy.go",
    added: "2026-01-01",
    expires: "2026-12-31",
    ...changes,
  };
}
