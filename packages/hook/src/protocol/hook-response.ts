import { writeFile } from "node:fs/promises";
import { BuildError, type Digest, isDigest } from "@slipway/core";
import type { HookState } from "./hook-input.ts";

/** An image that an earlier call of this job built. */
export interface RememberedImage {
  readonly digest: Digest;
  /** It has an ENTRYPOINT or a CMD. */
  readonly hasCommand: boolean;
}

/** What Slipway remembers from call to call of one job. The runner keeps it in memory; containers never see it. */
export interface SlipwayState {
  /** Images built in this job: by the fingerprint of their context. */
  readonly images: Readonly<Record<string, RememberedImage>>;
  /** The Role grants no Jobs: the next step need not try. */
  readonly barePods: boolean;
}

/** Reads our part of the state; what is not in our form (another version, another hook) counts as nothing. */
export function slipwayStateOf(state: HookState): SlipwayState {
  const ours = isRecord(state["slipway"]) ? state["slipway"] : {};
  const images = isRecord(ours["images"]) ? ours["images"] : {};
  const known = Object.entries(images).filter((entry): entry is [string, RememberedImage] =>
    isImage(entry[1]),
  );
  return { images: Object.fromEntries(known), barePods: ours["barePods"] === true };
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

function isImage(value: unknown): value is RememberedImage {
  return isRecord(value) && isDigest(value["digest"]) && typeof value["hasCommand"] === "boolean";
}
