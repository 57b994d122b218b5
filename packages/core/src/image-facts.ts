import type { ImageFacts } from "./image-builder.ts";

/**
 * Reads what a run needs to know from an image config, OCI or Docker (OCI image spec, config.md; the fields have the
 * same names in both). A missing or malformed field gets its default: a config is somebody else's data.
 */
export function factsOf(config: unknown): ImageFacts {
  const image = recordOf(config);
  const run = recordOf(image["config"]);
  return {
    os: textOf(image["os"], "linux"),
    architecture: textOf(image["architecture"], ""),
    entrypoint: listOf(run["Entrypoint"]),
    cmd: listOf(run["Cmd"]),
    user: textOf(run["User"], ""),
    workingDir: textOf(run["WorkingDir"], "/"),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function textOf(value: unknown, missing: string): string {
  return typeof value === "string" && value !== "" ? value : missing;
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : [];
}
