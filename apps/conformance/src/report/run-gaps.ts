import { counted } from "./counted.ts";
import type { BuilderFacts, Facts } from "./facts.ts";
import type { ReportCell } from "./report.ts";

/** Why a run does not stand for the whole corpus, a sentence each; empty when it does. */
export function gapsOf({
  run,
  builders,
  cases,
  results,
}: Pick<Facts, "run" | "builders" | "cases" | "results">): string[] {
  const core = new Set(cases.filter(({ profile }) => profile === "core").map(({ id }) => id));
  const skippedCore = results.filter((result) => result.status === "skipped" && core.has(result.case));
  const missing = builders.length * cases.length - results.length;
  const gaps: readonly (readonly [boolean, string])[] = [
    [builders.length === 0, "it has no builder"],
    [run.probe, "it was a probe: builders were asked for what they do not declare"],
    [cases.length < run.corpusCases, `it has ${cases.length} of the ${run.corpusCases} cases of the corpus`],
    [missing > 0, `no result of ${counted(missing, "build")}`],
    ...builders.map((builder) => harnessErrors(builder, results)),
    [
      skippedCore.length > 0,
      `skipped of the core profile: ${skippedCore.map(({ case: id }) => id).join(", ")}`,
    ],
  ];
  return gaps.flatMap(([applies, sentence]) => (applies ? [sentence] : []));
}

function harnessErrors({ id }: BuilderFacts, results: readonly ReportCell[]): [boolean, string] {
  const count = results.filter(({ builder, status }) => builder === id && status === "harness-error").length;
  return [count > 0, `the harness failed ${count === 1 ? "once" : `${count} times`} with ${id}`];
}
