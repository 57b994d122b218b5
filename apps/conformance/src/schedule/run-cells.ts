import type { CaseResult, CorpusCase } from "@slipway/conformance";

export interface RunCellsOptions {
  readonly cases: readonly CorpusCase[];
  /** Ids; the reference builder, with which the others are compared, comes first. */
  readonly builders: readonly string[];
  /** Cases at a time. */
  readonly jobs: number;
  /** What an earlier part of the run has found. */
  readonly earlier: readonly CaseResult[];
  readonly signal: AbortSignal;
  /** Builds one case with one builder; rejects only after a cancel. */
  run(item: CorpusCase, builder: string, signal: AbortSignal): Promise<CaseResult>;
  /** Completes the results of one case by what only all of them together tell. */
  compare(results: readonly CaseResult[]): Promise<readonly CaseResult[]>;
  onStart(item: CorpusCase, builder: string): void;
  onResult(result: CaseResult): void;
  /** All results of one case. */
  onCase(results: readonly CaseResult[]): void;
}

/** Why a run ended before its last case. */
export type Stopped = "cancelled" | "cluster-away" | "harness-broken";

/** So many cells in a row of which nothing was learnt: the rest would not be better. */
const MOST_HARNESS_ERRORS = 8;

/** Runs every case through every builder, several cases at a time. A case is repeated as a whole unless an earlier part has all of it. */
export async function runCells(options: RunCellsOptions): Promise<Stopped | undefined> {
  const { jobs } = options;
  const queue = [...pendingCases(options)];
  const stop = new Stop();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && !signal.aborted; item = queue.shift())
      await runOne(item, options, stop, signal);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return options.signal.aborted ? "cancelled" : stop.why;
}

/** Those that an earlier part of the run has not finished with every builder. */
export function pendingCases({
  cases,
  builders,
  earlier,
}: Pick<RunCellsOptions, "cases" | "builders" | "earlier">): readonly CorpusCase[] {
  const isDone = ({ id }: CorpusCase) =>
    builders.every((builder) => earlier.some((one) => one.case === id && one.builder === builder));
  return cases.filter((item) => !isDone(item));
}

async function runOne(
  item: CorpusCase,
  options: RunCellsOptions,
  stop: Stop,
  signal: AbortSignal,
): Promise<void> {
  const results: CaseResult[] = [];
  try {
    for (const builder of options.builders) {
      options.onStart(item, builder);
      const result = await tried(item, builder, options, signal);
      stop.see(result);
      options.onResult(result);
      results.push(result);
    }
    options.onCase(await options.compare(results));
  } catch (error) {
    // What was cancelled has no result; anything else is a defect of ours.
    if (!signal.aborted) throw error;
  }
}

/** Once more where the first try may not have told the truth: the result says that it was a second one. */
async function tried(
  item: CorpusCase,
  builder: string,
  { run }: RunCellsOptions,
  signal: AbortSignal,
): Promise<CaseResult> {
  const first = await run(item, builder, signal);
  if (!isDoubtful(first)) return first;
  return { ...(await run(item, builder, signal)), attempts: 2 };
}

/** Nothing was learnt, or the time ran out; or it is the output of the image alone, of which a node that is busy may lose some. */
function isDoubtful(result: CaseResult): boolean {
  const { status, differences } = result;
  if (status === "timeout" || status === "harness-error") return !isClusterAway(result);
  return status === "differs" && differences.every(({ id }) => id.startsWith("run:"));
}

/** Ends a run that has no cluster, or a harness that does not work. */
class Stop {
  readonly #controller = new AbortController();
  #inARow = 0;
  why: Stopped | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  see(result: CaseResult): void {
    this.#inARow = result.status === "harness-error" ? this.#inARow + 1 : 0;
    if (isClusterAway(result)) this.#because("cluster-away");
    else if (this.#inARow >= MOST_HARNESS_ERRORS) this.#because("harness-broken");
  }

  #because(why: Stopped): void {
    this.why ??= why;
    this.#controller.abort();
  }
}

function isClusterAway({ status, error }: CaseResult): boolean {
  return status === "harness-error" && error?.code === "CLUSTER_UNAVAILABLE";
}
