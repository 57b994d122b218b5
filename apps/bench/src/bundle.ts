import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface BundleOptions {
  /** Default true. */
  readonly minify?: boolean;
}

/** One file that plain Node runs anywhere, made from a source file of ours. */
export async function bundleOf(entry: string, { minify = true }: BundleOptions = {}): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), "slipway-bench-")), "index.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["slipway-source"],
    minify,
    logLevel: "error",
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}
