import type { Testbed } from "@slipway/testbed";
import { WORKSPACE } from "../call/bench-runner.ts";
import type { Figure } from "../figure.ts";
import { MEASURED } from "./measured.ts";
import { requestFigure } from "./request-figure.ts";
import { type Rivals, withRivals } from "./rivals.ts";
import { both, ratioFigure, type Sample } from "./samples.ts";

const PAIRS = 3;
export const LARGE_WORKSPACE = { files: 5_000, bytes: 300e6 };

/** prepare_job with next to nothing in the work folder, and with 300 MB in 5,000 files. */
export async function prepareJobFigures(testbed: Testbed, hook: string): Promise<Figure[]> {
  return withRivals(testbed, hook, ["prepare"], async ({ prepare: rivals }) => {
    const counted = await both(rivals, (runner) => runner.prepareJob({ counted: true }));
    const cleaned = await both(rivals, (runner) => runner.cleanupJob({ counted: true }));
    const small = await samplesOf(rivals);
    await rivals.ours.fill(`${WORKSPACE}/files`, LARGE_WORKSPACE);
    await rivals.official.fill(`${WORKSPACE}/files`, LARGE_WORKSPACE);
    const large = await samplesOf(rivals);
    return [
      ratioFigure("prepare_job, 300 MB in 5,000 files", large, {
        budget: 1 / 2,
        measured: MEASURED.prepareLarge,
      }),
      ratioFigure("prepare_job, small work folder", small, { measured: MEASURED.prepareSmall }),
      requestFigure("prepare_job", counted, MEASURED.prepareSmall),
      requestFigure("cleanup_job", cleaned, MEASURED.cleanup),
    ];
  });
}

async function samplesOf(rivals: Rivals): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let n = 0; n < PAIRS; n += 1) {
    samples.push(await both(rivals, (runner) => runner.prepareJob()));
    await both(rivals, (runner) => runner.cleanupJob());
  }
  return samples;
}
