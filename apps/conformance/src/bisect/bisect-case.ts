import type { CaseResult, CorpusCase, Difference } from "@slipway/conformance";
import { type DockerfilePrefix, dockerfilePrefixes } from "./dockerfile-prefixes.ts";
import { withPrefixCase } from "./prefix-case.ts";

export interface BisectOptions {
  readonly item: CorpusCase;
  readonly dockerfile: string;
  /** Ids of two builders; the reference comes first. */
  readonly builders: readonly [string, string];
  run(item: CorpusCase, builder: string): Promise<CaseResult>;
  /** Compares two images by their pinned names. */
  compare(reference: string, image: string): Promise<readonly Difference[]>;
  onStep(prefix: DockerfilePrefix, differences: readonly Difference[]): void;
}

/** The first instruction after which the builders differ, and in what. */
export interface Divergence {
  readonly prefix: DockerfilePrefix;
  readonly differences: readonly Difference[];
}

/**
 * Builds the Dockerfile up to each instruction with two builders, until what they make differs; undefined when it never does. Where the
 * second builder's image of the whole case is not as the case says, only that is looked for, and not what else may differ.
 */
export async function bisectCase(options: BisectOptions): Promise<Divergence | undefined> {
  const whole = await options.run(options.item, options.builders[1]);
  const sought = whole.image === undefined ? [] : whole.differences.map(({ id }) => id);
  const isSought = ({ id }: Difference) => sought.length === 0 || sought.includes(id);
  for (const prefix of dockerfilePrefixes(options.dockerfile, options.item.build.target)) {
    const [expected, actual] = await withPrefixCase(options.item, prefix.text, (item) =>
      Promise.all([options.run(item, options.builders[0]), options.run(item, options.builders[1])]),
    );
    const differences = (await differencesOf(expected, actual, options)).filter(isSought);
    options.onStep(prefix, differences);
    if (differences.length > 0) return { prefix, differences };
    // Both fail alike: nothing that follows is built.
    if (expected.image === undefined) return undefined;
  }
  return undefined;
}

async function differencesOf(
  expected: CaseResult,
  actual: CaseResult,
  { compare }: BisectOptions,
): Promise<readonly Difference[]> {
  for (const { status, builder, reason } of [expected, actual])
    if (status === "harness-error") throw new Error(`${builder} could not be asked: ${reason}`);
  if (expected.image !== undefined && actual.image !== undefined)
    return compare(expected.image, actual.image);
  if (endOf(expected) === endOf(actual)) return [];
  return [{ id: `error:${endOf(actual)}`, expected: told(expected), actual: told(actual) }];
}

function endOf({ image, error, status }: CaseResult): string {
  return image === undefined ? (error?.code ?? status) : "builds";
}

function told(result: CaseResult): string {
  const { error } = result;
  return error === undefined ? endOf(result) : `fails with ${error.code}: ${error.message}`;
}
