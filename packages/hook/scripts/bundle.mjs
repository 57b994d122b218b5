// Makes the hook one file, as the runner starts it: CommonJS with nothing beside it but the word that it is CommonJS, since the
// nearest package.json of an operator's folder may say otherwise.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const outdir = process.argv[2] ?? here("../dist");
await mkdir(outdir, { recursive: true });
await build({
  entryPoints: [here("../src/main.ts")],
  outfile: `${outdir}/index.js`,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  conditions: ["slipway-source"],
  // client-node brings a URL parser of its own, with 300 KB of tables that every start would have to read; Node has one.
  alias: { "whatwg-url": "node:url" },
  define: { SLIPWAY_AGENT_SOURCE: JSON.stringify(await agentSource()) },
  // Names stay as they are: a stack trace in somebody's log has to be readable.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
});
await writeFile(`${outdir}/package.json`, '{"type":"commonjs"}\n');

/** The agent as its own package bundles it, from the sources as they are now. */
async function agentSource() {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [here("../../agent/scripts/bundle.mjs"), "-"],
    {
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  return stdout;
}
