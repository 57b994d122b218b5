import { join } from "node:path";
import { hookEnvironment, type Testbed } from "@slipway/testbed";
import { bundleOf } from "../bundle.ts";
import { BenchRunner } from "../call/bench-runner.ts";

/** Runner pods in the same conditions, one with our hook in it, one with the official hook's requests. */
export interface Rivals {
  readonly ours: BenchRunner;
  readonly official: BenchRunner;
}

/** Makes rivals of the given names, lets `use` use them, and deletes them. */
export async function withRivals<N extends string, T>(
  testbed: Testbed,
  hook: string,
  names: readonly N[],
  use: (rivals: Record<N, Rivals>) => Promise<T>,
): Promise<T> {
  const officialHook = await bundleOf(join(import.meta.dirname, "../official/main.ts"), { minify: false });
  // What ARC sets on the runner container in this mode.
  const arc = { ACTIONS_RUNNER_IMAGE: testbed.agentImage };
  const pairs = names.map((name): [N, Rivals] => [
    name,
    {
      ours: new BenchRunner(testbed, {
        pod: `slipway-bench-${name}-ours`,
        hook,
        env: { ...arc, ...hookEnvironment(testbed) },
      }),
      official: new BenchRunner(testbed, {
        pod: `slipway-bench-${name}-official`,
        hook: officialHook,
        env: arc,
      }),
    },
  ]);
  const runners = pairs.flatMap(([, { ours, official }]) => [ours, official]);
  try {
    for (const runner of runners) await runner.start();
    return await use(Object.fromEntries(pairs) as Record<N, Rivals>);
  } finally {
    // A cluster that is away for a moment hides no result; the next run deletes what this one left.
    await Promise.allSettled(runners.map((runner) => runner.delete()));
  }
}
