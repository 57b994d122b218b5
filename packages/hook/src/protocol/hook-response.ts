import { writeFile } from "node:fs/promises";
import { BuildError, type Digest, isDigest } from "@slipway/core";
import type { HookState } from "./hook-input.ts";
import { isRecord } from "./is-record.ts";
import { type JobState, jobStateOf } from "./job-state.ts";

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
  /** The job pod; left out where the job has none. */
  readonly job?: JobState;
}

/** Reads our part of the state; what is not in our form (another version, another hook) counts as nothing. */
export function slipwayStateOf(state: HookState): SlipwayState {
  const ours = isRecord(state["slipway"]) ? state["slipway"] : {};
  const images = isRecord(ours["images"]) ? ours["images"] : {};
  const known = Object.entries(images).filter((entry): entry is [string, RememberedImage] =>
    isImage(entry[1]),
  );
  const job = jobStateOf(state);
  return {
    images: Object.fromEntries(known),
    barePods: ours["barePods"] === true,
    ...(job === undefined ? {} : { job }),
  };
}

/**
 * Writes the response of a call that changes what we remember. The runner replaces its state by ours, so foreign keys, and what of ours
 * the call knows nothing about, are written back too. Throws INVALID_REQUEST when the file cannot be written.
 */
export async function writeState(
  path: string | undefined,
  before: HookState,
  ours: SlipwayState,
): Promise<void> {
  const kept = isRecord(before["slipway"]) ? before["slipway"] : {};
  await writeResponse(path, { state: { ...before, slipway: { ...kept, ...ours } } });
}

/** Writes a response as the protocol has it (actions/runner, HookResponse.cs). Throws INVALID_REQUEST when the file cannot be written. */
export async function writeResponse(path: string | undefined, response: object): Promise<void> {
  if (path === undefined) return;
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

function isImage(value: unknown): value is RememberedImage {
  return isRecord(value) && isDigest(value["digest"]) && typeof value["hasCommand"] === "boolean";
}
