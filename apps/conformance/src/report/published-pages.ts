import { countFacts } from "@slipway/conformance";
import { FEATURES } from "@slipway/core";
import { featureState } from "./html/page/feature-state.ts";
import { code, plain, table } from "./markdown.ts";
import { builderTable, matrixTable } from "./matrix.ts";
import type { Report, ReportCell } from "./report.ts";

/** The numbers on the README, as a block between its marks; without a published report it claims nothing. */
export function readmeBlock(report: Report | undefined): string {
  if (report === undefined) return "No complete run has been published yet: `npm run conformance` makes one.";
  return [
    builderTable(report),
    `${sizeOf(report)} through each builder, ${dateOf(report)}: [every group, feature and case](docs/conformance/README.md). ` +
      "Passed of applicable; a known difference is not passed. These lines are made from [`report.json`](docs/conformance/report.json).",
  ].join("\n\n");
}

/** `docs/conformance/README.md`: the report for those who read it on GitHub. */
export function publishedPage(report: Report): string {
  const { run, builders, results } = report;
  const { kubernetes = "" } = run.parts[0] ?? {};
  const regressions = results.filter(({ verdict }) => verdict === "regression");
  const known = results.filter(({ verdict }) => verdict === "known");
  return `${[
    "# What each builder makes of a Dockerfile",
    builders.map(({ id, level }) => `![${id}: ${level.reached}](badge-${id}.svg)`).join(" "),
    `Measured on ${dateOf(report)} with Slipway ${run.tool} on Kubernetes ${kubernetes}: ${sizeOf(report)} ` +
      `with each of ${builders.length} builders. [How to read and repeat this](../conformance.md). ` +
      "[`index.html`](index.html) has every case with Dockerfile, facts, differences and log: save it and open it, it needs no network. " +
      "[`report.json`](report.json) is for programs, by [this schema](report.schema.json).",
    builderTable(report),
    ...builders.flatMap(({ id, level }) =>
      level.missing.length === 0
        ? []
        : [`What keeps **${id}** from the next level: ${level.missing.map(plain).join("; ")}.`],
    ),
    "## Groups",
    matrixTable(report),
    "## Features",
    "What a builder may lack, if it refuses it before the build.",
    featureTable(report),
    "## Not passed, and not explained",
    regressions.length === 0 ? "Nothing." : cellTable(report, regressions),
    "## Known differences",
    known.length === 0 ? "None." : cellTable(report, known),
    "## Repeat it",
    "On a Linux machine with Node and Go, as root, from a fresh clone; it makes the cluster that it needs:",
    "```sh\nnpm run conformance\n```",
    "This page is made from `report.json` by `npm run conformance -- --publish FILE`.",
  ].join("\n\n")}\n`;
}

function featureTable({ builders }: Report): string {
  const measured = (Object.keys(FEATURES) as (keyof typeof FEATURES)[]).filter((feature) =>
    builders.some(({ features }) => features.some((one) => one.feature === feature && one.score.cells > 0)),
  );
  return table(
    ["feature", ...builders.map(({ id, version }) => `${id} ${version}`)],
    measured.map((feature) => [
      code(feature),
      ...builders.map(({ features }) => {
        const one = features.find((of) => of.feature === feature);
        if (one === undefined) return "–";
        const { text, note } = featureState(one);
        return note === "" ? text : `${text} (${note})`;
      }),
    ]),
  );
}

function cellTable({ cases }: Report, results: readonly ReportCell[]): string {
  return table(
    ["case", "builder", "status", "what is so of a correct builder", "why"],
    results.map((result) => [
      code(result.case),
      result.builder,
      result.status,
      plain(cases.find(({ id }) => id === result.case)?.title ?? ""),
      plain(whyOf(result)),
    ]),
  );
}

function whyOf({ known, error, reason, differences }: ReportCell): string {
  return known?.reason ?? error?.message ?? reason ?? differences.map(({ id }) => id).join(", ");
}

/** A case asserts as many things as its Dockerfile has room for, so that the number of Dockerfiles alone says little. */
function sizeOf({ cases }: Report): string {
  return `${cases.length} Dockerfiles with ${countFacts(cases)} facts`;
}

function dateOf({ run }: Report): string {
  return (run.parts[0]?.startedAt ?? "").slice(0, 10);
}
