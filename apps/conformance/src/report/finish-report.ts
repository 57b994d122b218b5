import { GROUPS, type Group, STATUSES, type Status } from "@slipway/conformance";
import { FEATURES } from "@slipway/core";
import type { BuilderFacts, Facts } from "./facts.ts";
import { levelOf } from "./level.ts";
import {
  REPORT_VERSION,
  type Report,
  type ReportBuilder,
  type ReportCase,
  type ReportCell,
} from "./report.ts";
import { gapsOf } from "./run-gaps.ts";
import { type ScoredCell, scoreOf } from "./score.ts";

/** Counts, scores and levels of what was found out: a report. Cases come in the order of their groups. */
export function finishReport({ run, builders, cases, results, waivers }: Facts): Report {
  const order = Object.keys(GROUPS);
  const sorted = [...cases].sort(
    (a, b) => order.indexOf(a.group) - order.indexOf(b.group) || a.id.localeCompare(b.id, "en"),
  );
  const gaps = gapsOf({ run, builders, cases, results });
  return {
    kind: "slipway-conformance-report",
    version: REPORT_VERSION,
    run: { ...run, gaps },
    builders: builders.map((builder) => finishBuilder(builder, cellsOf(builder.id, sorted, results), gaps)),
    cases: sorted,
    results,
    waivers,
  };
}

/** What was found out, of a report that is finished: to be put together with others' and counted anew. */
export function factsOf({ run: { gaps: _, ...run }, builders, cases, results, waivers }: Report): Facts {
  return {
    run,
    builders: builders.map(({ id, implementation, version, image, profile, features }) => ({
      id,
      implementation,
      version,
      image,
      profile,
      declared: features.filter(({ declared }) => declared).map(({ feature }) => feature),
    })),
    cases,
    results,
    waivers,
  };
}

/** A builder's results, each beside its case, in the order of the cases. */
export function cellsOf(
  builder: string,
  cases: readonly ReportCase[],
  results: readonly ReportCell[],
): ScoredCell[] {
  const own = new Map(
    results.filter((result) => result.builder === builder).map((result) => [result.case, result]),
  );
  return cases.flatMap((of) => {
    const result = own.get(of.id);
    return result === undefined ? [] : [{ of, result }];
  });
}

function finishBuilder(
  { declared, ...about }: BuilderFacts,
  cells: readonly ScoredCell[],
  gaps: readonly string[],
): ReportBuilder {
  const scoreWhere = (wanted: (of: ReportCase) => boolean) =>
    scoreOf(
      cells.filter(({ of }) => wanted(of)),
      declared,
    );
  const groups = namesOf(GROUPS).map((group) => [group, scoreWhere((of) => of.group === group)] as const);
  return {
    ...about,
    features: namesOf(FEATURES).map((feature) => ({
      feature,
      declared: declared.includes(feature),
      score: scoreWhere((of) => of.features.includes(feature)),
    })),
    statuses: Object.fromEntries(
      namesOf(STATUSES).map((status) => [
        status,
        cells.filter(({ result }) => result.status === status).length,
      ]),
    ) as Record<Status, number>,
    score: {
      all: scoreOf(cells, declared),
      profiles: {
        core: scoreWhere(({ profile }) => profile === "core"),
        extended: scoreWhere(({ profile }) => profile === "extended"),
      },
      groups: Object.fromEntries(groups) as Record<Group, (typeof groups)[number][1]>,
    },
    level: levelOf({ cells, declared, gaps }),
  };
}

function namesOf<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}
