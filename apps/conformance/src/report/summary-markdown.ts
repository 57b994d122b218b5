import { counted } from "./counted.ts";
import { code, plain } from "./markdown.ts";
import { builderTable, matrixTable } from "./matrix.ts";
import type { Report, ReportCell } from "./report.ts";

/** A comment on a pull request is read, not studied: `index.html` has the rest. */
const SHOWN = 40;

/** The report as a comment on a pull request: what nobody has explained first. */
export function summaryMarkdown(report: Report): string {
  const withVerdict = (verdict: ReportCell["verdict"]) =>
    report.results.filter((result) => result.verdict === verdict);
  const regressions = withVerdict("regression");
  const sections = [
    `# Conformance: ${headline(report, regressions.length)}`,
    runLine(report),
    list("Not complete", report.run.gaps.map(plain)),
    list(
      "Not passed, and not explained",
      regressions.map((result) => cellLine(report, result)),
    ),
    list(
      "Passed, though on the list of known differences",
      withVerdict("unexpected-pass").map((result) => cellLine(report, result)),
    ),
    list(
      "Known differences that no longer hold",
      report.waivers.map(({ message }) => plain(message)),
    ),
    "## Builders",
    builderTable(report),
    ...report.builders.map(({ id, level }) =>
      list(`What keeps ${id} from the next level`, level.missing.map(plain), "###"),
    ),
    "## Groups",
    matrixTable(report),
    "Passed of applicable; known differences are not passed. `index.html` has every case, with its differences and its log; `report.json` has the same for programs.",
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function headline({ run }: Report, regressions: number): string {
  if (regressions > 0) return `${regressions} unexplained`;
  return run.gaps.length > 0 ? "not complete" : "nothing unexplained";
}

function runLine({ run, builders, cases, results }: Report): string {
  const { startedAt = "", kubernetes = "" } = run.parts[0] ?? {};
  const minutes = run.parts.reduce((sum, { durationMs }) => sum + durationMs, 0) / 60_000;
  return `${counted(cases.length, "case")}, ${counted(builders.length, "builder")}, ${counted(results.length, "result")}, ${minutes.toFixed(0)} min of running; Kubernetes ${plain(kubernetes)}; ${plain(startedAt.slice(0, 10))}.`;
}

function cellLine(
  { cases }: Report,
  { case: id, builder, status, differences, error, reason }: ReportCell,
): string {
  const title = cases.find((of) => of.id === id)?.title ?? "";
  const why = error?.message ?? reason ?? differences.map((difference) => difference.id).join(", ");
  return `${code(id)} with ${builder}: **${status}** – ${plain(title)}${why === "" ? "" : ` – ${code(why.slice(0, 200))}`}`;
}

function list(title: string, lines: readonly string[], level = "##"): string {
  if (lines.length === 0) return "";
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : [];
  return [`${level} ${title}`, "", ...[...lines.slice(0, SHOWN), ...more].map((line) => `- ${line}`)].join(
    "\n",
  );
}
