import type { Testbed } from "@slipway/testbed";
import { WORKSPACE } from "../call/bench-runner.ts";
import type { Figure } from "../figure.ts";
import { MEASURED } from "./measured.ts";
import { LARGE_WORKSPACE } from "./prepare-job.ts";
import { requestFigure } from "./request-figure.ts";
import { withRivals } from "./rivals.ts";
import { both, peakFigure, ratioFigure, type Sample } from "./samples.ts";

const PAIRS = 3;
/** Where the official hook leaves on the runner what it fetched from the job's pod. */
const LEFT_BEHIND = "/home/runner/_work/__w";

/** A ready image's `/bin/echo hi` in a job with 300 MB in 5,000 files; ours brings back what the step changed. */
export async function containerStepFigures(testbed: Testbed, hook: string): Promise<Figure[]> {
  return withRivals(testbed, hook, ["container"], async ({ container: rivals }) => {
    await both(rivals, (runner) => runner.prepareJob());
    const counted = await both(rivals, (runner) => runner.containerStep({ counted: true }));
    await rivals.official.remove(LEFT_BEHIND);
    await both(rivals, (runner) => runner.cleanupJob());
    for (const runner of [rivals.ours, rivals.official])
      await runner.fill(`${WORKSPACE}/files`, LARGE_WORKSPACE);
    await both(rivals, (runner) => runner.prepareJob());
    const samples: Sample[] = [];
    for (let n = 0; n < PAIRS; n += 1) {
      samples.push(await both(rivals, (runner) => runner.containerStep()));
      await rivals.official.remove(LEFT_BEHIND);
    }
    const name = "container step `/bin/echo hi`, 300 MB in 5,000 files";
    return [
      ratioFigure(name, samples, { budget: 1 / 3, measured: MEASURED.containerLarge }),
      peakFigure(name, samples),
      requestFigure("container step", counted, MEASURED.containerLarge),
    ];
  });
}
