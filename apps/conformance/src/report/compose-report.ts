import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaseResult, CorpusCase } from "@slipway/conformance";
import * as v from "valibot";
import type { CellVerdict, KnownDifference, RunRecord } from "../run-record.ts";
import type { Facts } from "./facts.ts";
import { finishReport } from "./finish-report.ts";
import { type Report, type ReportCase, type ReportCell, ReportSchema } from "./report.ts";
import { hasPassed } from "./score.ts";

/** Of a Dockerfile that is long for a test's sake, as much as a reader looks at. */
const MAX_DOCKERFILE_CHARACTERS = 4000;

/** Makes the report of a run; reads the Dockerfiles of its cases. */
export async function composeReport(record: RunRecord): Promise<Report> {
  const { tool, corpusDigest, corpusCases, probe, date, durationMs, casesPerMinute, kubernetes } = record;
  const facts: Facts = {
    run: {
      tool,
      corpusDigest,
      corpusCases,
      parts: [{ startedAt: date, durationMs, casesPerMinute, kubernetes, arguments: [...record.arguments] }],
      probe,
    },
    builders: record.builders.map(({ features, ...about }) => ({ ...about, declared: features })),
    cases: await Promise.all(record.cases.map(reportCaseOf)),
    results: resultsOf(record),
    waivers: record.waivers.map(({ entry, problem, message }) => ({
      case: entry.case,
      builder: entry.builder,
      problem,
      message,
    })),
  };
  return v.parse(ReportSchema, finishReport(facts));
}

async function reportCaseOf(of: CorpusCase): Promise<ReportCase> {
  const { id, group, title, spec, base, features, build, expect, folder } = of;
  const text = await readFile(join(folder, "Dockerfile"), "utf8");
  return {
    id,
    group,
    title,
    spec,
    base,
    features: [...features],
    profile: features.length === 0 ? "core" : "extended",
    dockerfile: shortened(text),
    build: { ...build },
    expect: { ...expect },
  };
}

function shortened(text: string): string {
  if (text.length <= MAX_DOCKERFILE_CHARACTERS) return text;
  return `${text.slice(0, MAX_DOCKERFILE_CHARACTERS)}\n… and ${text.length - MAX_DOCKERFILE_CHARACTERS} characters more`;
}

function resultsOf({ results, verdicts }: RunRecord): ReportCell[] {
  const verdictOf = new Map(verdicts.map((verdict) => [keyOf(verdict), verdict]));
  return results.map((result) => reportCellOf(result, verdictOf.get(keyOf(result))));
}

function keyOf({ case: id, builder }: { readonly case: string; readonly builder: string }): string {
  return `${builder} ${id}`;
}

function reportCellOf(result: CaseResult, cell: CellVerdict | undefined): ReportCell {
  const { log, differences, parity, warnings, ...rest } = result;
  return {
    ...rest,
    verdict: cell?.verdict ?? "incomplete",
    ...(cell?.known === undefined ? {} : { known: knownOf(cell.known) }),
    differences: [...differences],
    ...(parity === undefined ? {} : { parity: { ...parity, differences: [...parity.differences] } }),
    ...(warnings === undefined ? {} : { warnings: [...warnings] }),
    ...(hasPassed(result) ? {} : { log: [...log] }),
  };
}

function knownOf({ reason, evidence, issue, expires }: KnownDifference): NonNullable<ReportCell["known"]> {
  return { reason, evidence, expires, ...(issue === undefined ? {} : { issue }) };
}
