// Makes the hook one file, as the runner starts it: CommonJS with nothing beside it but the word that it is CommonJS, since the
// nearest package.json of an operator's folder may say otherwise.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Programs, resolvedByOthers } from "./programs.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const outdir = process.argv[2] ?? here("../dist");

const options = {
  bundle: true,
  write: false,
  format: "cjs",
  platform: "node",
  target: "node20",
  conditions: ["slipway-source"],
  // client-node brings a URL parser of its own, with 300 KB of tables that every start would have to read; Node has one.
  alias: { "whatwg-url": "node:url" },
  // Names stay as they are: a stack trace in somebody's log has to be readable.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
};

const programs = new Programs({ ...options, plugins: [withoutSideEffects()] });
const { outputFiles } = await build({
  ...options,
  entryPoints: [here("../src/main.ts")],
  define: { SLIPWAY_AGENT_SOURCE: JSON.stringify(await agentSource()) },
  plugins: [programs.plugin()],
});
await mkdir(outdir, { recursive: true });
await writeFile(`${outdir}/index.js`, `${await programs.text()}${outputFiles[0].text}`);
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

/** client-node does not say that its index files do nothing but export: of 1,500 models behind them we need none. */
function withoutSideEffects() {
  return {
    name: "without-side-effects",
    setup(of) {
      of.onResolve(
        { filter: /^@kubernetes\/client-node$|\/(gen\/index|models\/(all|ObjectSerializer))\.js$/ },
        async (asked) => {
          const found = await resolvedByOthers(of, asked);
          return found && { ...found, sideEffects: false };
        },
      );
    },
  };
}
