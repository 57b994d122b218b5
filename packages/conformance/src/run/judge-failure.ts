import { type BuildError, ERROR_CODES, type ErrorCode } from "@slipway/core";
import type { Difference } from "../compare/difference.ts";
import type { CorpusCase, FailureWanted } from "../corpus/corpus-case.ts";
import type { CaseResult, Status } from "./case-result.ts";

/** The part of a result that a judgement decides. */
export type Judgement = Pick<CaseResult, "status" | "differences"> &
  Partial<Pick<CaseResult, "reason" | "run">>;

/** Codes that tell of the builder whatever was wanted. */
const TELLING: Partial<Record<ErrorCode, Status>> = {
  UNSUPPORTED_FEATURE: "unsupported",
  TIMED_OUT: "timeout",
  INTERNAL: "crash",
  // Killed for what it took.
  RESOURCE_EXHAUSTED: "crash",
  RESULT_UNVERIFIED: "foreign-digest",
};

/** What a build that failed says of the builder. `pushed`: the tags that are in the registry though it was to fail. */
export function judgeFailure(
  error: BuildError,
  { expect: wanted, build }: Pick<CorpusCase, "expect" | "build">,
  pushed: readonly string[],
): Judgement {
  const left = pushed.map(pushedDifference);
  if ("fails" in wanted && wanted.fails.includes(error.code)) {
    const differences = [...lineDifferences(error, wanted), ...left];
    return { status: differences.length === 0 ? "pass" : "accepts-invalid", differences };
  }
  const telling = TELLING[error.code];
  if (telling !== undefined) return { status: telling, differences: left };
  // Who needs a node of the platform that is built has none here; who needs none would have built it.
  const lacksPlatform = error.code === "UNSCHEDULABLE" && build.platform !== undefined;
  if (tellsNothing(error) && !lacksPlatform)
    return { status: "harness-error", differences: left, reason: error.message };
  if (!("fails" in wanted)) return { status: "fail", differences: left };
  return { status: "accepts-invalid", differences: [codeDifference(error, wanted), ...left] };
}

/** A build that was to fail, and did not. */
export function judgeAcceptance(wanted: FailureWanted): Judgement {
  const expected = `fails with ${wanted.fails.join(" or ")}`;
  return { status: "accepts-invalid", differences: [{ id: "error:none", expected, actual: "builds" }] };
}

/** Cluster, registry and settings are the harness's: what goes wrong with them is nobody else's fault. */
export function tellsNothing({ code }: BuildError): boolean {
  const { blame } = ERROR_CODES[code];
  return blame === "infrastructure" || blame === "operator";
}

function lineDifferences(error: BuildError, { line }: FailureWanted): readonly Difference[] {
  const named = error.details["line"];
  if (line === undefined || named === undefined || named === line) return [];
  return [{ id: "error:line", expected: `names line ${line}`, actual: `names line ${String(named)}` }];
}

function codeDifference({ code }: BuildError, { fails }: FailureWanted): Difference {
  return { id: `error:${code}`, expected: `fails with ${fails.join(" or ")}`, actual: `fails with ${code}` };
}

function pushedDifference(tag: string): Difference {
  return {
    id: `pushed:${tag}`,
    expected: "a build that fails pushes nothing",
    actual: `tag ${tag} is in the registry`,
  };
}
