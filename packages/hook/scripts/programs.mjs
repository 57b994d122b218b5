// Programs inside the bundle, as docs/decisions/0012 says: compressed texts, since V8 skips a text, while it reads every function of a program
// before the first line runs; and each has only what it needs. A program has its own copy of every module, so none may share state or classes
// with others but for those that are made for it, such as BuildError.
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";

/** What is imported dynamically becomes a program when the import is carried out. */
const DYNAMIC = /\/(serve-[a-z-]+|composition-root|load-kube-config)\.ts$|^yaml$/;

/** Packages that client-node imports for what few kubeconfigs have, proxies and identities of clouds: when the first export is used. */
const ON_DEMAND = /^(node-fetch|jsonpath-plus|openid-client|socks-proxy-agent|hpagent)$/;

export class Programs {
  #options;
  /** Promises of compressed texts, by name. */
  #texts = new Map();

  constructor(options) {
    this.#options = options;
  }

  /** For esbuild: puts calls of `loadProgram` in the place of imports. */
  plugin() {
    return {
      name: "programs",
      setup: (of) => {
        const resolveTo = async (namespace, asked) => {
          const found = await resolvedByOthers(of, asked);
          return found && { ...found, namespace, pluginData: basename(asked.path, ".ts") };
        };
        of.onResolve({ filter: DYNAMIC }, (asked) =>
          asked.kind === "dynamic-import" ? resolveTo("program", asked) : undefined,
        );
        of.onResolve({ filter: ON_DEMAND }, (asked) =>
          asked.importer.includes("/client-node/") ? resolveTo("on-demand", asked) : undefined,
        );
        of.onLoad({ filter: /.*/, namespace: "program" }, async ({ path, pluginData: name }) => {
          await this.#add(name, path);
          return { contents: `module.exports = loadProgram("${name}");` };
        });
        of.onLoad({ filter: /.*/, namespace: "on-demand" }, async ({ path, pluginData: name }) => {
          await this.#add(name, path);
          return { contents: onDemand(name, Object.keys(await import(path))) };
        });
      },
    };
  }

  /** What the file begins with. Nothing of Node is loaded by it: a bad command needs no program. */
  async text() {
    const texts = {};
    for (const name of [...this.#texts.keys()].sort()) texts[name] = await this.#texts.get(name);
    return `"use strict";
const programs = ${JSON.stringify(texts)};
function loadProgram(name) {
  const text = require("node:zlib").inflateRawSync(Buffer.from(programs[name], "base64")).toString("utf8");
  const own = { exports: {} };
  const names = ["module", "exports", "require", "__filename", "__dirname", "loadProgram"];
  require("node:vm").compileFunction(text, names, {
    filename: __filename + " (" + name + ")",
    importModuleDynamically: (name) => import(name),
  })(own, own.exports, require, __filename, __dirname, loadProgram);
  return own.exports;
}
`;
  }

  #add(name, path) {
    if (!this.#texts.has(name)) this.#texts.set(name, this.#make(path));
    return this.#texts.get(name);
  }

  async #make(path) {
    const plugins = [this.plugin(), ...this.#options.plugins];
    const { outputFiles } = await build({ ...this.#options, entryPoints: [path], plugins });
    return deflateRawSync(outputFiles[0].text, { level: 9 }).toString("base64");
  }
}

/** What it resolves to without us; undefined when that is being asked, so that nobody asks himself. */
export async function resolvedByOthers(of, { path, pluginData, ...from }) {
  return pluginData === "resolved" ? undefined : of.resolve(path, { ...from, pluginData: "resolved" });
}

function onDemand(name, exported) {
  return `let program;
for (const name of ${JSON.stringify(exported)})
  Object.defineProperty(exports, name, { enumerable: true, get: () => (program ??= loadProgram("${name}"))[name] });`;
}
