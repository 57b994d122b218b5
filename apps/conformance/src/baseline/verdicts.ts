import type { CaseResult, CorpusCase } from "@slipway/conformance";
import { satisfies } from "semver";
import type {
  BuilderRecord,
  CellVerdict,
  KnownDifference,
  VerdictName,
  WaiverProblem,
} from "../run-record.ts";

export interface Judged {
  readonly verdicts: readonly CellVerdict[];
  readonly waivers: readonly WaiverProblem[];
}

export interface RunFindings {
  /** Those that were asked for. */
  readonly cases: readonly CorpusCase[];
  /** Ids of all there are. */
  readonly corpus: readonly string[];
  readonly builders: readonly BuilderRecord[];
  readonly results: readonly CaseResult[];
}

/** Holds results against the lists of known differences. `today`: ISO 8601. */
export function judgeRun(found: RunFindings, known: readonly KnownDifference[], today: string): Judged {
  const entries = known.filter((entry) => isOfRun(entry, found));
  const expired = entries.filter(({ expires }) => expires < today.slice(0, 10));
  const valid = entries.filter((entry) => !expired.includes(entry));
  const cells = found.cases.flatMap((item) =>
    found.builders.map((builder) => cellOf(item, builder, found.results, valid)),
  );
  return {
    verdicts: cells.map(({ verdict }) => verdict),
    waivers: [
      ...expired.map(expiredProblem),
      ...valid.filter(({ case: id }) => !found.corpus.includes(id)).map(unusedProblem),
      ...cells.flatMap(({ waiver }) => waiver ?? []),
    ],
  };
}

/** Entries of other builders, other versions and cases that were not asked for say nothing here. */
function isOfRun(entry: KnownDifference, { cases, corpus, builders }: RunFindings): boolean {
  const builder = builders.find(({ id }) => id === entry.builder);
  if (builder === undefined || !isOfVersion(entry, builder)) return false;
  return cases.some(({ id }) => id === entry.case) || !corpus.includes(entry.case);
}

function isOfVersion({ versions }: KnownDifference, { version }: BuilderRecord): boolean {
  return versions === undefined || satisfies(version.replace(/^v/, ""), versions);
}

function cellOf(
  item: CorpusCase,
  builder: BuilderRecord,
  results: readonly CaseResult[],
  entries: readonly KnownDifference[],
): { verdict: CellVerdict; waiver?: WaiverProblem } {
  const cell = { case: item.id, builder: builder.id };
  const result = results.find((one) => one.case === item.id && one.builder === builder.id);
  const entry = entries.find((one) => one.case === item.id && one.builder === builder.id);
  const verdict = verdictOf(result, item, builder, entry);
  if (entry === undefined || verdict === "incomplete") return { verdict: { ...cell, verdict } };
  if (verdict === "regression")
    return { verdict: { ...cell, verdict }, waiver: unmatchedProblem(entry, result) };
  return { verdict: { ...cell, verdict, known: entry } };
}

function verdictOf(
  result: CaseResult | undefined,
  item: CorpusCase,
  builder: BuilderRecord,
  entry: KnownDifference | undefined,
): VerdictName {
  if (result === undefined || result.status === "harness-error" || result.status === "skipped")
    return "incomplete";
  if (isAsItShould(result, item, builder)) return entry === undefined ? "expected" : "unexpected-pass";
  return entry !== undefined && isExactly(result, entry) ? "known" : "regression";
}

/** An honest refusal of what the builder does not declare is no failure. One of what it declares is. */
function isAsItShould({ status }: CaseResult, item: CorpusCase, builder: BuilderRecord): boolean {
  if (status === "pass" || status === "pass-with-warning") return true;
  return status === "unsupported" && item.features.some((feature) => !builder.features.includes(feature));
}

function isExactly({ status, differences }: CaseResult, entry: KnownDifference): boolean {
  const found = idsOf(differences.map(({ id }) => id));
  return status === entry.expect && JSON.stringify(found) === JSON.stringify(idsOf(entry.differences));
}

/** Each once, in one order. */
export function idsOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}

function expiredProblem(entry: KnownDifference): WaiverProblem {
  const message = `${entry.builder}, ${entry.case}: the known difference expired on ${entry.expires}; look at it again, and give it another day or take it out`;
  return { entry, problem: "expired", message };
}

function unusedProblem(entry: KnownDifference): WaiverProblem {
  const message = `${entry.builder}, ${entry.case}: the corpus has no such case; take the entry out`;
  return { entry, problem: "unused", message };
}

function unmatchedProblem(entry: KnownDifference, result: CaseResult | undefined): WaiverProblem {
  const found = idsOf(result?.differences.map(({ id }) => id) ?? []).join(", ");
  const message = `${entry.builder}, ${entry.case}: the known difference is ${entry.expect} (${idsOf(entry.differences).join(", ")}), and it is ${result?.status} (${found}); mend the builder or correct the entry`;
  return { entry, problem: "unmatched", message };
}
