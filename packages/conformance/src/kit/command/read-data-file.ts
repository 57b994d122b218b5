import { readFile } from "node:fs/promises";
import { BuildError } from "@slipway/core";
import { parse } from "yaml";

/** What a file of JSON or YAML holds. Throws INVALID_CONFIG that names it. */
export async function readDataFile(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, "utf8"));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_CONFIG", `${path} cannot be read: ${message.split("\n", 1)[0] ?? ""}`, {
      remedy: "Make it a file of JSON or YAML",
      cause,
    });
  }
}

/** A file that maps texts to texts. Throws INVALID_CONFIG that names it. */
export async function readTextMap(path: string): Promise<Readonly<Record<string, string>>> {
  const value = (await readDataFile(path)) ?? {};
  const isMap = typeof value === "object" && !Array.isArray(value);
  if (isMap && Object.values(value).every((text) => typeof text === "string"))
    return value as Record<string, string>;
  throw new BuildError("INVALID_CONFIG", `${path} does not map ids to reasons`, {
    remedy: 'Write it as { "area/case": "why it fails" }',
  });
}
