import { writeFile } from "node:fs/promises";
import { BuildError } from "@slipway/core";
import type { HookState } from "./hook-input.ts";

/** What Slipway remembers from call to call of one job. The runner keeps it in memory; containers never see it. */
export interface SlipwayState {
  /** Images built in this job: fingerprint of the context → digest. */
  readonly images: Readonly<Record<string, string>>;
  /** The Role grants no Jobs: the next step need not try. */
  readonly barePods: boolean;
}

/** Reads our part of the state; what is not in our form (another version, another hook) counts as nothing. */
export function slipwayStateOf(state: HookState): SlipwayState {
  const ours = isRecord(state["slipway"]) ? state["slipway"] : {};
  const images = isRecord(ours["images"]) ? ours["images"] : {};
  const digests = Object.entries(images).filter((entry): entry is [string, string] => isDigestText(entry[1]));
  return { images: Object.fromEntries(digests), barePods: ours["barePods"] === true };
}

/**
 * Writes the response of a call. The runner replaces its state by ours, so foreign keys are written back too.
 * Throws INVALID_REQUEST when the file cannot be written.
 */
export async function writeState(
  path: string | undefined,
  before: HookState,
  ours: SlipwayState,
): Promise<void> {
  if (path === undefined) return;
  const response = { state: { ...before, slipway: ours } };
  try {
    await writeFile(path, `${JSON.stringify(response)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_REQUEST", `The response file ${path} cannot be written: ${reason}`, {
      remedy: "Free disk space on the runner, and check that its work folder is writable",
      cause,
    });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDigestText(value: unknown): value is string {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}
