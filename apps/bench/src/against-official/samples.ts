import type { BenchRunner } from "../call/bench-runner.ts";
import type { CallResult } from "../call/call-request.ts";
import { type Figure, median } from "../figure.ts";
import type { Measured } from "./measured.ts";
import type { Rivals } from "./rivals.ts";

/** The same call by both hooks, one after the other. */
export interface Sample {
  readonly ours: CallResult;
  readonly official: CallResult;
}

/** Runs the same for both. */
export async function both(
  { ours, official }: Rivals,
  call: (runner: BenchRunner) => Promise<CallResult>,
): Promise<Sample> {
  return { ours: await call(ours), official: await call(official) };
}

export interface RatioOptions {
  readonly budget?: number;
  readonly measured: Measured;
}

export function ratioFigure(
  name: string,
  samples: readonly Sample[],
  { budget, measured }: RatioOptions,
): Figure {
  const ours = secondsOf(samples.map((sample) => sample.ours));
  const official = secondsOf(samples.map((sample) => sample.official));
  return {
    name: `${name}: ours / official's requests`,
    value: median(samples.map((sample) => sample.ours.ms / sample.official.ms)),
    unit: "ratio",
    ...(budget === undefined ? {} : { budget }),
    better: "lower",
    detail: `${ours} / ${official}, medians of ${samples.length} pairs; official 0.8.1 itself, elsewhere: ${measured.seconds} s`,
  };
}

export function peakFigure(name: string, samples: readonly Sample[], budget?: number): Figure {
  const peak = (calls: readonly CallResult[]): number => Math.max(...calls.map(({ peakMb }) => peakMb));
  const official = peak(samples.map((sample) => sample.official));
  return {
    name: `${name}: peak memory of our hook`,
    value: peak(samples.map((sample) => sample.ours)),
    unit: "MB",
    ...(budget === undefined ? {} : { budget }),
    better: "lower",
    detail: `the highest of ${samples.length}; with the official's requests ${official.toFixed(0)} MB`,
  };
}

export function secondsOf(calls: readonly CallResult[]): string {
  return `${(median(calls.map(({ ms }) => ms)) / 1000).toFixed(2)} s`;
}
