import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { assertBuilderPlugin, BuildError, type BuilderPlugin } from "@slipway/core";
import type { CreateHost } from "../kit-host.ts";

/** The builder of a module. Throws INVALID_CONFIG that says what is wrong with it. */
export async function loadPlugin(name: string, folder: string): Promise<BuilderPlugin> {
  const plugin = await exportOf(name, folder, "builder");
  assertBuilderPlugin(plugin, name);
  return plugin;
}

/** `createHost` of a host module. Throws INVALID_CONFIG that says what is wrong with it. */
export async function loadHost(name: string, folder: string): Promise<CreateHost> {
  const createHost = await exportOf(name, folder, "createHost");
  if (typeof createHost === "function") return createHost as CreateHost;
  throw new BuildError("INVALID_CONFIG", `${name} has no function createHost`, {
    remedy: "Export createHost as docs/builders.md shows",
  });
}

/** The export, or the same of the default export, as CommonJS has it; else the default export itself. */
async function exportOf(name: string, folder: string, key: string): Promise<unknown> {
  const module = await load(name, folder);
  const standard = field(module, "default");
  return field(module, key) ?? field(standard, key) ?? field(standard, "default") ?? standard;
}

async function load(name: string, folder: string): Promise<unknown> {
  const isPath = name.startsWith(".") || name.startsWith("/");
  try {
    return await import(isPath ? pathToFileURL(resolve(folder, name)).href : name);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_CONFIG", `${name} cannot be loaded: ${message.split("\n", 1)[0] ?? ""}`, {
      remedy: isPath
        ? "Correct the path or the file"
        : "Install the package beside the kit, or give a path that starts with ./",
      cause,
    });
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
