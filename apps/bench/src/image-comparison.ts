import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleOf } from "./bundle.ts";
import { type Figure, median } from "./figure.ts";
import type { ComparerResult } from "./image-comparer.ts";
import { type ImagePair, makeImagePair } from "./image-pair.ts";

const RUNS = 3;
const TIME_BUDGET_MS = 30_000;
const MEMORY_BUDGET_MB = 200;

/** Two images of 500 MB, read, checked and compared by a process of its own, without a cache for what they share. */
export async function imageComparisonFigures(): Promise<Figure[]> {
  const work = await mkdtemp(join(tmpdir(), "slipway-images-"));
  try {
    const comparer = await bundleOf(join(import.meta.dirname, "image-comparer.ts"));
    const pair = await makeImagePair(work);
    const runs: ComparerResult[] = [];
    for (let n = 0; n < RUNS; n += 1) runs.push(await compare(comparer, pair));
    return figuresOf(pair, runs);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function compare(comparer: string, pair: ImagePair): Promise<ComparerResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [comparer, pair.expected, pair.actual]);
  const result = JSON.parse(stdout) as ComparerResult;
  const [found, wanted] = [result.differences.join(), pair.differences.join()];
  if (found !== wanted) throw new Error(`The comparison found ${found} instead of ${wanted}`);
  return result;
}

function figuresOf({ bytes }: ImagePair, runs: readonly ComparerResult[]): Figure[] {
  const times = runs.map(({ ms }) => ms);
  const peaks = runs.map(({ maxRssKib }) => (maxRssKib * 1024) / 1e6);
  return [
    {
      name: `comparing two images of ${Math.round(bytes / 1e6)} MB`,
      value: median(times),
      unit: "ms",
      budget: TIME_BUDGET_MS,
      better: "lower",
      detail: `median of ${times.map((ms) => (ms / 1000).toFixed(1)).join(", ")} s, start of the process included`,
    },
    {
      name: "peak memory of comparing them",
      value: Math.max(...peaks),
      unit: "MB",
      budget: MEMORY_BUDGET_MB,
      better: "lower",
      detail: `each run: ${peaks.map((peak) => Math.round(peak)).join(", ")} MB`,
    },
  ];
}
