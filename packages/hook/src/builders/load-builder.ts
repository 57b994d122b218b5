import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { assertBuilderPlugin, BuildError, type BuilderPlugin } from "@slipway/core";
import { BUILTIN_IDS, builtinBuilder } from "./builtins.ts";
import { locateModule } from "./locate-module.ts";

/** The file that runs, for the bundle is CommonJS; links are resolved in it. Not there where the sources run as modules. */
declare const __filename: string | undefined;

export interface LoadBuilderOptions {
  /** Node's `import()`: it takes modules and CommonJS. */
  readonly importModule: (url: string) => Promise<unknown>;
  /** The folder of the hook's file when left out. */
  readonly beside?: string;
}

/**
 * The builder that SLIPWAY_BUILDER names: the id of a built-in one, the absolute path of a file or of a package's folder, or the name of
 * a package beside the bundle. Throws INVALID_CONFIG that names the file and what is wrong with it.
 */
export async function loadBuilder(
  name: string,
  { importModule, beside = bundleFolder() }: LoadBuilderOptions,
): Promise<BuilderPlugin> {
  const builtin = builtinBuilder(name);
  if (builtin !== undefined) return builtin;
  const file = await locateModule(name, beside);
  if (file === undefined) throw notFound(name, beside);
  const plugin = pluginIn(await load(file, importModule));
  assertBuilderPlugin(plugin, file);
  return plugin;
}

/**
 * Never the working directory, which is the checkout: a workflow that brings a package of the right name would run its code with the
 * runner's service account.
 */
function bundleFolder(): string {
  return dirname(typeof __filename === "string" ? __filename : (process.argv[1] ?? ""));
}

async function load(file: string, importModule: LoadBuilderOptions["importModule"]): Promise<unknown> {
  try {
    return await importModule(pathToFileURL(file).href);
  } catch (cause) {
    throw new BuildError("INVALID_CONFIG", `The builder ${file} cannot be loaded: ${reasonOf(cause)}`, {
      remedy: "Correct the file that SLIPWAY_BUILDER names, and install what it imports beside it",
      cause,
    });
  }
}

/** The first line: Node lists below it who asked for what is missing. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n", 1)[0] ?? "";
}

/** `builder` or the default export; CommonJS has its exports in `default`, and once more where a compiler made them of a module. */
function pluginIn(module: unknown): unknown {
  const standard = field(module, "default");
  return [field(module, "builder"), field(standard, "builder"), field(standard, "default"), standard].find(
    isMeantAsPlugin,
  );
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** Exports that have nothing of a plugin are no defective plugin: the export is missing. */
function isMeantAsPlugin(value: unknown): boolean {
  return (
    isObject(value) && ["apiVersion", "id", "features", "parseConfig", "create"].some((name) => name in value)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function notFound(name: string, beside: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `SLIPWAY_BUILDER is "${name}", which is neither a builder here (${BUILTIN_IDS.join(", ")}) nor a file, nor a package in ${beside} or its node_modules`,
    {
      remedy: `Set SLIPWAY_BUILDER to one of ${BUILTIN_IDS.join(", ")}, to an absolute path, or to the name of a package beside the hook`,
    },
  );
}
