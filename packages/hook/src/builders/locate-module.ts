import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { BuildError } from "@slipway/core";

/** A package's name, perhaps with a path in it. No part may begin with a dot: `..` leads elsewhere. */
const MODULE_NAME = /^(@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/;

/** What a package may have for us among its conditional exports (Node.js documentation, "Packages"). */
const CONDITIONS: ReadonlySet<string> = new Set(["import", "node", "default", "require"]);

/**
 * The file to load for an absolute path, or for the name of a package in `beside` or its node_modules; no other folder is looked into.
 * undefined when there is none. Throws INVALID_CONFIG for a package that does not say which file it begins with.
 */
export async function locateModule(name: string, beside: string): Promise<string | undefined> {
  for (const path of candidates(name, beside)) {
    const file = await fileOf(path);
    if (file !== undefined) return file;
  }
  return undefined;
}

function candidates(name: string, beside: string): readonly string[] {
  if (isAbsolute(name)) return [name];
  return MODULE_NAME.test(name) ? [join(beside, "node_modules", name), join(beside, name)] : [];
}

async function fileOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? entryOf(path) : path;
}

async function entryOf(folder: string): Promise<string> {
  const { exports, main } = await manifestOf(folder);
  const named = exportedEntry(exports) ?? (typeof main === "string" ? main : undefined);
  const tries =
    named === undefined
      ? ["index.js", "index.mjs", "index.cjs"]
      : [named, `${named}.js`, `${named}/index.js`];
  for (const name of tries) {
    const file = join(folder, name);
    if ((await stat(file).catch(() => undefined))?.isFile()) return file;
  }
  throw new BuildError(
    "INVALID_CONFIG",
    `The builder's package ${folder} has no ${named ?? tries.join(", ")}`,
    {
      remedy:
        "Name the built file in `exports` or `main` of its package.json, and install the package with it",
    },
  );
}

async function manifestOf(folder: string): Promise<{ readonly exports?: unknown; readonly main?: unknown }> {
  const file = join(folder, "package.json");
  const text = await readFile(file, "utf8").catch(() => "{}");
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw new BuildError("INVALID_CONFIG", `The builder's ${file} is not JSON`, {
      remedy: "Install the package again",
      cause,
    });
  }
}

/** The file behind `"."`, by the first condition that holds. */
function exportedEntry(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (typeof exports !== "object" || exports === null) return undefined;
  if ("." in exports) return exportedEntry(exports["."]);
  for (const [condition, target] of Object.entries(exports)) {
    const entry = CONDITIONS.has(condition) ? exportedEntry(target) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}
