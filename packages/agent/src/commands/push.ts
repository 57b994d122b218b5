import { existsSync, readFileSync } from "node:fs";
import { BuildError } from "@slipway/core";
import {
  anonymous,
  checkLayout,
  type Keychain,
  type PushReport,
  parseDockerConfig,
  pushLayout,
} from "@slipway/registry";
import type { AgentIo } from "../agent-io.ts";
import type { PushCommandOptions } from "../command-options.ts";
import { MAX_TERMINATION_BYTES, writeTermination } from "../termination-log.ts";

/** Checks what the untrusted build left, pushes it, and reports what the registry gave back. */
export async function push(options: PushCommandOptions, io: AgentIo): Promise<void> {
  const { layout: folder, destinations, trust = { plainHttp: [] }, maxBytes } = options;
  const keychain = keychainFrom(options.auth);
  const layout = await checkLayout(folder, { maxBytes });
  await io.write(`pushing ${layout.blobs.length} blobs, ${megabytes(layout.sizeBytes)} MB\n`);
  const report = await pushLayout(layout, destinations, { trust, keychain });
  writeTermination(options.terminationLog, terminationOf(report));
  await io.write(`pushed ${report.digest}\n`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** Without a mounted Secret the registry is asked as nobody in particular; a file that was named must be there. */
function keychainFrom(auth: string | undefined): Keychain {
  const path = auth ?? "/slipway-auth/config.json";
  if (auth === undefined && !existsSync(path)) return anonymous;
  return parseDockerConfig(readConfig(path));
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new BuildError("INVALID_CONFIG", `The credential for the registry cannot be read from ${path}`, {
      remedy: "See that the Secret has the key .dockerconfigjson and is mounted there",
      cause: error,
    });
  }
}

/** An entry point may be longer than a termination message: the facts are then left out, and read from the registry. */
function terminationOf(report: PushReport): string {
  const whole = JSON.stringify(report);
  if (Buffer.byteLength(whole) <= MAX_TERMINATION_BYTES) return whole;
  const { facts: _, ...rest } = report;
  return JSON.stringify(rest);
}
