// A process that does nothing but compare two images: paths of two layouts as its arguments, ComparerResult on its output.
import { compareImages } from "@slipway/conformance";
import { inspectImage, openLayoutImage } from "@slipway/registry/image";

export interface ComparerResult {
  readonly differences: readonly string[];
  /** Of the whole process so far, its start included. */
  readonly ms: number;
  /** Peak resident memory, in KiB (getrusage(2)). */
  readonly maxRssKib: number;
}

async function compare(expected = "", actual = ""): Promise<ComparerResult> {
  const one = await inspectImage(await openLayoutImage(expected));
  const other = await inspectImage(await openLayoutImage(actual));
  const differences = compareImages(one, other).map(({ id }) => id);
  return { differences, ms: performance.now(), maxRssKib: process.resourceUsage().maxRSS };
}

process.stdout.write(JSON.stringify(await compare(...process.argv.slice(2))));
