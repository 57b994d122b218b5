import type { Testbed } from "@slipway/testbed";
import { RUNNER_TEMP } from "../call/bench-runner.ts";
import type { CallResult } from "../call/call-request.ts";
import { type Figure, median } from "../figure.ts";
import { MEASURED } from "./measured.ts";
import { requestFigure } from "./request-figure.ts";
import { type Rivals, withRivals } from "./rivals.ts";
import { both, peakFigure, ratioFigure, type Sample, secondsOf } from "./samples.ts";

const PAIRS = 11;
/** The official's take long. */
const PAIRS_WITH_LARGE_TEMP = 3;
const LARGE_TEMP = { files: 2_000, bytes: 100e6 };

/** `run: echo hi`, with next to nothing in `_temp`, and with 100 MB in 2,000 files that lie there since before the job. */
export async function scriptStepFigures(testbed: Testbed, hook: string): Promise<Figure[]> {
  return withRivals(testbed, hook, ["script", "script-large"], async (rivals) => {
    const { script: small, "script-large": large } = rivals;
    for (const runner of [large.ours, large.official]) await runner.fill(`${RUNNER_TEMP}/cache`, LARGE_TEMP);
    for (const pair of [small, large]) await both(pair, (runner) => runner.prepareJob());
    const counted = await both(small, (runner) => runner.scriptStep({ counted: true }));
    const samples = await alternate(small, large);
    return [
      ratioFigure("script step `echo hi`", samples.small, {
        budget: 1 / 3,
        measured: MEASURED.scriptSmall,
      }),
      ratioFigure("script step, 100 MB in 2,000 files in _temp", samples.large, {
        budget: 1 / 3,
        measured: MEASURED.scriptLarge,
      }),
      independence(samples.oursLarge, samples.small),
      peakFigure("script step", samples.small, 80),
      requestFigure("script step", counted, MEASURED.scriptSmall, 6),
    ];
  });
}

interface Samples {
  readonly small: Sample[];
  readonly large: Sample[];
  /** One for each of `small`. */
  readonly oursLarge: CallResult[];
}

/** Short calls first and on their own: a disk that still writes what a long one left would count as theirs. */
async function alternate(small: Rivals, large: Rivals): Promise<Samples> {
  const samples: Samples = { small: [], large: [], oursLarge: [] };
  for (let n = 0; n < PAIRS; n += 1) {
    const [oursLarge, ours] = [await large.ours.scriptStep(), await small.ours.scriptStep()];
    samples.oursLarge.push(oursLarge);
    samples.small.push({ ours, official: await small.official.scriptStep() });
  }
  for (let n = 0; n < PAIRS_WITH_LARGE_TEMP; n += 1)
    samples.large.push(await both(large, (runner) => runner.scriptStep()));
  return samples;
}

function independence(full: readonly CallResult[], small: readonly Sample[]): Figure {
  const ratios = full.map((call, index) => call.ms / (small[index]?.ours.ms ?? Number.NaN));
  return {
    name: "our script step with those 100 MB / without",
    value: median(ratios),
    unit: "ratio",
    budget: 1.2,
    better: "lower",
    detail: `${secondsOf(full)} / ${secondsOf(small.map(({ ours }) => ours))}, medians of ${full.length} pairs`,
  };
}
