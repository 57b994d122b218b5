import { create } from "xmlbuilder2";
import { cellsOf } from "./finish-report.ts";
import type { Report, ReportCell } from "./report.ts";
import { hasPassed, type ScoredCell } from "./score.ts";

type Element = ReturnType<typeof create>;

/** The report for programs that read JUnit's XML: a suite for each builder, a class for each group. */
export function junitXml(report: Report): string {
  // Logs may hold what XML cannot.
  const document = create({ version: "1.0", encoding: "UTF-8", invalidCharReplacement: "\uFFFD" });
  const suites = document.ele("testsuites", { name: "conformance" });
  for (const { id } of report.builders) {
    addSuite(suites, id, cellsOf(id, report.cases, report.results));
  }
  return `${document.end({ prettyPrint: true })}\n`;
}

function addSuite(parent: Element, builder: string, cells: readonly ScoredCell[]): void {
  const outcomes = cells.map(({ result }) => outcomeOf(result));
  const countOf = (kind: Outcome["kind"]): number =>
    outcomes.filter((outcome) => outcome.kind === kind).length;
  const suite = parent.ele("testsuite", {
    name: builder,
    tests: cells.length,
    failures: countOf("failure"),
    errors: countOf("error"),
    skipped: countOf("skipped"),
    time: seconds(cells.reduce((sum, { result }) => sum + result.durationMs, 0)),
  });
  for (const cell of cells) addCase(suite, cell);
}

function addCase(suite: Element, { of, result }: ScoredCell): void {
  const element = suite.ele("testcase", {
    name: `${of.id}: ${of.title}`,
    classname: of.group,
    time: seconds(result.durationMs),
  });
  const outcome = outcomeOf(result);
  switch (outcome.kind) {
    case "passed":
      return;
    case "skipped":
      element.ele("skipped", { message: outcome.message });
      return;
    case "failure":
    case "error":
      element.ele(outcome.kind, { type: result.status, message: outcome.message }).txt(detailsOf(result));
      if (result.log !== undefined && result.log.length > 0)
        element.ele("system-out").txt(result.log.join("\n"));
  }
}

interface Outcome {
  readonly kind: "passed" | "skipped" | "failure" | "error";
  readonly message: string;
}

/** A harness error is an error, what nobody has explained a failure; what is explained is skipped, and says by what. */
function outcomeOf(result: ReportCell): Outcome {
  const { status, verdict, known } = result;
  if (status === "harness-error") return { kind: "error", message: result.reason ?? "the harness failed" };
  if (verdict === "unexpected-pass") {
    return { kind: "failure", message: `passed, though it is a known difference: ${known?.reason ?? ""}` };
  }
  if (hasPassed(result)) return { kind: "passed", message: "" };
  if (verdict === "known") return { kind: "skipped", message: `known: ${known?.reason ?? ""}` };
  if (status === "skipped") return { kind: "skipped", message: `skipped: ${result.reason ?? ""}` };
  if (verdict === "expected") return { kind: "skipped", message: `${status}: ${messageOf(result)}` };
  return { kind: "failure", message: messageOf(result) };
}

function messageOf({ status, error, reason, differences }: ReportCell): string {
  const ids = differences.map(({ id }) => id).join(", ");
  return error?.message ?? reason ?? (ids === "" ? status : ids);
}

function detailsOf({ error, differences }: ReportCell): string {
  const lines = differences.map(({ id, expected, actual }) => `${id}: expected ${expected}, is ${actual}`);
  if (error !== undefined) lines.push(`${error.code}: ${error.message}`);
  if (error?.remedy !== undefined) lines.push(error.remedy);
  return lines.join("\n");
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}
