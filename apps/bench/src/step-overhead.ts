import { join } from "node:path";
import { type PodRunner, type Step, startRunner, type Testbed } from "@slipway/testbed";
import type { Recording } from "./bare/recording.ts";
import { bundleOf } from "./bundle.ts";
import { type Figure, median } from "./figure.ts";
import { recordObjects } from "./pod-recorder.ts";

const PAIRS = 5;
const NODE = "/home/runner/externals/node20/bin/node";
const TEMP = "/home/runner/_work/_temp";
const WORKSPACE = "/home/runner/_work/hello-world/hello-world";
const BUILT = "octo-org/small@v1";
const READY = "octo-org/ready@v1";
/** Another action in each pair, because the same one would be used again. */
const builtAction = (n: number): string => `octo-org/small-${n}@v1`;

const DOCKERFILE =
  'FROM busybox:1.37\nRUN echo small > /small\nCOPY Dockerfile /copied\nENTRYPOINT ["/bin/cat","/small"]\n';

/** The whole of run_container_step against the least that any hook would have to do, and a built image against a ready one. */
export async function stepOverheadFigures(testbed: Testbed, hook: string): Promise<Figure[]> {
  const ours = await startRunner(testbed, { pod: "slipway-bench-hook", hook });
  const bare = await startRunner(testbed, {
    pod: "slipway-bench-bare",
    hook: await bundleOf(join(import.meta.dirname, "bare/main.ts")),
  });
  try {
    for (const runner of [ours, bare]) await placeActions(runner);
    const recording = await recordObjects(testbed, "slipway-bench-hook", () =>
      mustPass(ours, { kind: "action", uses: BUILT }),
    );
    return [await buildOverhead(testbed, ours, bare, recording), await reuseOverhead(ours)];
  } finally {
    for (const pod of ["slipway-bench-hook", "slipway-bench-bare"])
      await testbed.runKubectl([
        "-n",
        testbed.namespace,
        "delete",
        "pod",
        pod,
        "--grace-period=0",
        "--force",
      ]);
  }
}

async function placeActions(runner: PodRunner): Promise<void> {
  const dockerfile = { "action.yml": action("Dockerfile"), Dockerfile: DOCKERFILE };
  await runner.placeAction(BUILT, dockerfile);
  for (let n = 0; n < PAIRS; n += 1) await runner.placeAction(builtAction(n), dockerfile);
  await runner.placeAction(READY, {
    "action.yml": action("docker://busybox:1.37", { args: ["cat", "/etc/passwd"] }),
  });
}

function action(image: string, runs: object = {}): string {
  return JSON.stringify({ name: "bench", runs: { using: "docker", image, ...runs } });
}

async function buildOverhead(
  testbed: Testbed,
  ours: PodRunner,
  bare: PodRunner,
  recording: Recording,
): Promise<Figure> {
  const input = {
    namespace: testbed.namespace,
    node: NODE,
    recording,
    context: `/home/runner/_work/_actions/octo-org/small/v1`,
    trees: [
      { from: TEMP, to: "runner_temp" },
      { from: WORKSPACE, to: "workspace" },
    ],
  };
  const pairs: [number, number][] = [];
  for (let n = 0; n < PAIRS; n += 1) {
    const a = await mustPass(ours, { kind: "action", uses: builtAction(n) });
    const b = await mustPass(bare, { kind: "raw", input });
    pairs.push([a, b]);
  }
  return ratio("run_container_step with a small Dockerfile / the same pods by bare API calls", pairs, 1.15);
}

async function reuseOverhead(ours: PodRunner): Promise<Figure> {
  const pairs: [number, number][] = [];
  for (let n = 0; n < PAIRS; n += 1) {
    const a = await mustPass(ours, { kind: "action", uses: BUILT });
    const b = await mustPass(ours, { kind: "action", uses: READY });
    pairs.push([a, b]);
  }
  return ratio("the same Dockerfile action again in the job / a ready image", pairs, 1.1);
}

/** Milliseconds from the start of the process to its end. */
async function mustPass(runner: PodRunner, step: Step): Promise<number> {
  const { exitCode, output, durationMs } = await runner.run(step);
  if (exitCode !== 0) throw new Error(`Exit code ${exitCode}:\n${output}`);
  return durationMs;
}

function ratio(name: string, pairs: readonly (readonly [number, number])[], budget: number): Figure {
  const seconds = (ms: readonly number[]): string => `${(median(ms) / 1000).toFixed(2)} s`;
  const detail = `${seconds(pairs.map(([a]) => a))} / ${seconds(pairs.map(([, b]) => b))}, medians of ${pairs.length} pairs`;
  return {
    name,
    value: median(pairs.map(([a, b]) => a / b)),
    unit: "ratio",
    budget,
    better: "lower",
    detail,
  };
}
