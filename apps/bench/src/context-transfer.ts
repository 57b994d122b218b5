import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Testbed } from "@slipway/testbed";
import { build } from "esbuild";
import { SAMPLE_CONTEXTS, type SampleContext } from "./context-transfer-files.ts";
import { TransferPod } from "./context-transfer-pod.ts";
import type { Figure } from "./figure.ts";

const RATIO_BUDGET = 0.9;
const MEMORY_BUDGET_MB = 160;

/**
 * Our transfer of a context into a pod beside `tar | kubectl exec -- tar` of the same files, alternating in one run:
 * throughput as the median of the pairs' ratios, and the peak memory of the process that sends.
 */
export async function contextTransferFigures(testbed: Testbed): Promise<Figure[]> {
  const work = await mkdtemp(join(tmpdir(), "slipway-transfer-"));
  const pod = new TransferPod(testbed);
  try {
    const sender = await bundleSender(work);
    await pod.create();
    const figures: Figure[] = [];
    for (const context of SAMPLE_CONTEXTS) {
      const folder = join(work, "context");
      context.make(folder);
      figures.push(...figuresOf(context, await measure(pod, context, sender, folder)));
      await rm(folder, { recursive: true });
    }
    return figures;
  } finally {
    await pod.delete();
    await rm(work, { recursive: true, force: true });
  }
}

interface Pair {
  readonly tarMs: number;
  readonly treeMs: number;
  readonly maxRssKib: number;
}

async function measure(
  pod: TransferPod,
  context: SampleContext,
  sender: string,
  folder: string,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let index = 0; index < context.pairs; index += 1) {
    const tarInto = await pod.makeFolder();
    const tarMs = await pod.sendByTar(folder, tarInto);
    await assertArrived(pod, context, tarInto);
    const treeInto = await pod.makeFolder();
    const { ms: treeMs, maxRssKib } = await pod.sendByTree(sender, folder, treeInto);
    await assertArrived(pod, context, treeInto);
    pairs.push({ tarMs, treeMs, maxRssKib });
  }
  return pairs;
}

async function assertArrived(
  pod: TransferPod,
  { name, bytes }: SampleContext,
  folder: string,
): Promise<void> {
  const arrived = await pod.emptyFiles(folder);
  if (arrived !== bytes) throw new Error(`${name}: ${arrived} bytes arrived instead of ${bytes}`);
}

function figuresOf({ name, bytes }: SampleContext, pairs: readonly Pair[]): Figure[] {
  const speeds = (times: readonly number[]) => times.map((ms) => Math.round(bytes / 1e3 / ms)).join(", ");
  const ours = speeds(pairs.map(({ treeMs }) => treeMs));
  const theirs = speeds(pairs.map(({ tarMs }) => tarMs));
  const peaks = pairs.map(({ maxRssKib }) => (maxRssKib * 1024) / 1e6);
  return [
    {
      name: `context of ${name}: throughput over kubectl exec tar`,
      value: median(pairs.map(({ tarMs, treeMs }) => tarMs / treeMs)),
      unit: "ratio",
      budget: RATIO_BUDGET,
      better: "higher",
      detail: `ours ${ours} MB/s, tar ${theirs} MB/s`,
    },
    {
      name: `context of ${name}: peak memory of the sender`,
      value: Math.max(...peaks),
      unit: "MB",
      budget: MEMORY_BUDGET_MB,
      better: "lower",
      detail: `each run: ${peaks.map((peak) => Math.round(peak)).join(", ")} MB`,
    },
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** One file for plain Node, as the hook is one: neither a loader nor type stripping counts as its memory. */
async function bundleSender(folder: string): Promise<string> {
  const outfile = join(folder, "sender.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "context-transfer-sender.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["slipway-source"],
    logLevel: "warning",
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}
