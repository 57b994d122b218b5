// Makes the hook one file, as the runner starts it: CommonJS with nothing beside it but the word that it is CommonJS, since the
// nearest package.json of an operator's folder may say otherwise.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const outdir = process.argv[2] ?? here("../dist");

const options = {
  bundle: true,
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

await mkdir(outdir, { recursive: true });
await build({
  ...options,
  entryPoints: [here("../src/main.ts")],
  outfile: `${outdir}/index.js`,
  define: { SLIPWAY_AGENT_SOURCE: JSON.stringify(await agentSource()) },
  plugins: [embedded()],
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

/**
 * Dynamic imports of some files become programs of their own inside the file, as compressed texts: V8 skips a text, while it reads every
 * function of a program before the first line runs; and each has only what it needs. Such a program has its own copy of every module, so none may
 * share state or classes with others but for those that are made for it, such as BuildError.
 */
function embedded() {
  return {
    name: "embedded",
    setup(of) {
      of.onResolve(
        { filter: /\/(serve-[a-z-]+|composition-root|load-kube-config)\.ts$|^yaml$/ },
        async ({ kind, path, resolveDir }) => {
          if (kind !== "dynamic-import") return undefined;
          const found = await of.resolve(path, { kind: "import-statement", resolveDir });
          return { ...found, namespace: "embedded", pluginData: basename(path, ".ts") };
        },
      );
      of.onLoad({ filter: /.*/, namespace: "embedded" }, async ({ path, pluginData: name }) => ({
        contents: loaderOf(name, await textOf(path)),
        loader: "js",
        resolveDir: dirname(path),
      }));
    },
  };
}

async function textOf(path) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [path],
    write: false,
    plugins: [embedded(), withoutSideEffects()],
  });
  return outputFiles[0].text;
}

/** client-node does not say that its index files do nothing but export: of 1,500 models behind them we need none. */
function withoutSideEffects() {
  return {
    name: "without-side-effects",
    setup(of) {
      of.onResolve(
        { filter: /^@kubernetes\/client-node$|\/(gen\/index|models\/(all|ObjectSerializer))\.js$/ },
        async (asked) => {
          const { path, pluginData, ...from } = asked;
          if (pluginData === "resolved") return undefined;
          return { ...(await of.resolve(path, { ...from, pluginData: "resolved" })), sideEffects: false };
        },
      );
    },
  };
}

/** Compressed, since every start reads all of the file. */
function loaderOf(name, text) {
  const packed = deflateRawSync(text, { level: 9 }).toString("base64");
  return `
import { compileFunction } from "node:vm";
import { inflateRawSync } from "node:zlib";
const own = { exports: {} };
const names = ["module", "exports", "require", "__filename", "__dirname"];
const text = inflateRawSync(Buffer.from("${packed}", "base64")).toString("utf8");
compileFunction(text, names, {
  filename: __filename + " (${name})",
  importModuleDynamically: (name) => import(name),
})(own, own.exports, require, __filename, __dirname);
module.exports = own.exports;
`;
}
