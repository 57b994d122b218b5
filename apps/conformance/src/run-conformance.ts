import { type CaseResult, type CorpusCase, runCase } from "@slipway/conformance";
import type { Testbed } from "@slipway/testbed";
import { judgeRun } from "./baseline/verdicts.ts";
import { type ConformanceBed, openBed } from "./conformance-bed.ts";
import { type ConformanceOptions, withoutPlaces } from "./options.ts";
import { Progress, type ProgressOptions } from "./progress.ts";
import type { KnownDifference, RunRecord } from "./run-record.ts";
import { compareCells } from "./schedule/compare-cells.ts";
import type { Journal } from "./schedule/journal.ts";
import { pendingCases, runCells, type Stopped } from "./schedule/run-cells.ts";
import { TARGETS } from "./targets/known-targets.ts";
import type { Target } from "./targets/pod-builder.ts";

export interface ConformanceRun {
  readonly options: ConformanceOptions;
  /** As they were given, to reproduce the run. */
  readonly arguments: readonly string[];
  /** Version of this program. */
  readonly tool: string;
  readonly testbed: Testbed;
  /** Those that were asked for. */
  readonly cases: readonly CorpusCase[];
  readonly corpus: { readonly ids: readonly string[]; readonly digest: string };
  readonly known: readonly KnownDifference[];
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly terminal: Pick<ProgressOptions, "write" | "isTerminal">;
}

export interface FinishedRun {
  readonly record: RunRecord;
  /** Why it ended before its last case. */
  readonly stopped: Stopped | undefined;
}

/** Builds the cases with the builders on the test bed, and holds what came of it against what is known. Leaves nothing in the cluster. */
export async function runConformance(run: ConformanceRun): Promise<FinishedRun> {
  const { options, testbed, corpus, terminal, journal } = run;
  const started = performance.now();
  const earlier = journal.earlier.filter((one) => options.builders.some((name) => name === one.builder));
  const total = pendingCases({ ...options, cases: run.cases, earlier }).length * options.builders.length;
  const progress = new Progress({ ...terminal, total, now: () => performance.now() });
  const found = new Map(earlier.map((one) => [keyOf(one), one]));
  let stopped: Stopped | undefined;
  let kubernetes = "unknown";
  let built: number | undefined;
  try {
    kubernetes = await kubernetesVersion(testbed);
    if (total > 0 || (options.secondOpinion && earlier.length > 0))
      stopped = await inBed(run, { ...journal, earlier }, progress, found, () => {
        built = performance.now();
      });
  } catch (error) {
    // The report tells what is known by now.
    stopped = run.signal.aborted ? "cancelled" : "harness-broken";
    progress.tell(whatWentWrong(error));
  }
  const builders = options.builders.map((name) => TARGETS[name].record(testbed));
  const durationMs = journal.earlierMs + Math.round((built ?? performance.now()) - started);
  const results = run.cases.flatMap(({ id }) =>
    builders.flatMap((one) => found.get(`${id} ${one.id}`) ?? []),
  );
  const partial = {
    tool: run.tool,
    corpusDigest: corpus.digest,
    corpusCases: corpus.ids.length,
    date: journal.date,
    durationMs,
    casesPerMinute: Math.round((results.length / durationMs) * 600_000) / 10,
    kubernetes,
    arguments: withoutPlaces(run.arguments),
    probe: options.probe,
    builders,
    cases: run.cases,
    results,
  };
  const judged = judgeRun({ ...partial, corpus: corpus.ids }, run.known, new Date().toISOString());
  const complete = judged.verdicts.every(({ verdict }) => verdict !== "incomplete");
  return { record: { ...partial, ...judged, complete }, stopped };
}

async function inBed(
  run: ConformanceRun,
  journal: Journal,
  progress: Progress,
  found: Map<string, CaseResult>,
  onBuilt: () => void,
): Promise<Stopped | undefined> {
  const bed = await openBed(run.testbed, run.options);
  try {
    progress.tell(`in ${bed.namespaces.join(" and ")}`);
    const stopped = await buildAll(run, bed, journal, progress, found);
    onBuilt();
    const opinions = bed.secondOpinions;
    if (opinions !== undefined) {
      await rereadEarlier(run, bed, journal.earlier, progress);
      progress.tell(`umoci reads ${opinions.agreed} images as we do, and ${opinions.unread} not at all`);
    }
    return stopped;
  } finally {
    await bed.close();
  }
}

/** A run that is resumed with a second reader has it read what was built without. The registry still has those images. No part of the run's time. */
async function rereadEarlier(
  { signal }: ConformanceRun,
  { inspector }: ConformanceBed,
  earlier: readonly CaseResult[],
  progress: Progress,
): Promise<void> {
  const images = earlier.flatMap(({ image }) => image ?? []);
  for (const [read, image] of images.entries()) {
    signal.throwIfAborted();
    if (read % 100 === 0) progress.tell(`umoci has read ${read} of ${images.length} images built earlier`);
    await inspector.reread(image);
  }
}

function whatWentWrong(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const remedy = (error as { readonly remedy?: unknown }).remedy;
  return typeof remedy === "string" ? `${error.message}\n${remedy}` : error.message;
}

function buildAll(
  run: ConformanceRun,
  bed: ConformanceBed,
  journal: Journal,
  progress: Progress,
  found: Map<string, CaseResult>,
): Promise<Stopped | undefined> {
  const byId = new Map<string, Target>(bed.targets.map((target) => [target.id, target]));
  const limitMs = run.options.limitSeconds * 1000;
  return runCells({
    cases: run.cases,
    builders: [...byId.keys()],
    jobs: run.options.jobs,
    earlier: journal.earlier,
    signal: run.signal,
    run: (item, builder, signal) => {
      const target = byId.get(builder);
      if (target === undefined) throw new Error(`no builder ${builder}`);
      return runCase(item, target, bed.host, { signal, limitMs });
    },
    compare: (results) => compareCells(results, bed.targets[0]?.id ?? "", bed.inspector),
    onStart: (item, builder) => progress.starts(item, builder),
    onResult: (result) => progress.ended(result),
    onCase: (results) => {
      journal.append(results);
      for (const result of results) found.set(keyOf(result), result);
    },
  });
}

function keyOf(result: Pick<CaseResult, "case" | "builder">): string {
  return `${result.case} ${result.builder}`;
}

async function kubernetesVersion(testbed: Testbed): Promise<string> {
  const answer = JSON.parse(await testbed.runKubectl(["version", "--output=json"])) as {
    serverVersion?: { gitVersion?: string };
  };
  return answer.serverVersion?.gitVersion ?? "unknown";
}
