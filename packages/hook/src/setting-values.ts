import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { BuildError } from "@slipway/core";
import type { SettingName } from "./settings-table.ts";

export type Environment = Readonly<Partial<Record<string, string>>>;

/** Takes what an operator should know though the job can run. */
export type Warn = (message: string) => void;

/** The value without the space around it; undefined where nothing is left. */
export function read(env: Environment, name: SettingName): string | undefined {
  return env[name]?.trim() || undefined;
}

/** Throws INVALID_CONFIG when it is missing or relative. */
export function absolutePath(env: Environment, name: SettingName): string {
  const path = read(env, name);
  if (path !== undefined && isAbsolute(path)) return path.replace(/(?<=.)\/+$/, "");
  throw malformed(name, path ?? "", "an absolute path; the runner sets it for every hook");
}

/** A count or a number of bytes. */
export function wholeNumber(env: Environment, name: SettingName, otherwise: number): number {
  const text = read(env, name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw malformed(name, text, "a whole number above 0");
}

/** Longer ones would overflow Node's timers, and then end at once. */
const MAX_SECONDS = 2_000_000;

export function seconds(env: Environment, name: SettingName, otherwise: number): number {
  const value = wholeNumber(env, name, otherwise);
  if (value <= MAX_SECONDS) return value;
  throw malformed(name, String(value), `at most ${MAX_SECONDS} seconds, which are 23 days`);
}

/**
 * A duration that the official hook reads as well: there a value that it cannot use is a warning, and the default holds. A job that
 * ran before has to run here too.
 */
export function lenientSeconds(env: Environment, name: SettingName, otherwise: number, warn: Warn): number {
  const text = read(env, name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value === 0) {
    warn(`${name} is "${text}", but must be a whole number above 0; ${otherwise} is used instead`);
    return otherwise;
  }
  if (value > MAX_SECONDS) {
    warn(`${name} is "${text}", but must be at most ${MAX_SECONDS}, which are 23 days; that is used instead`);
  }
  return Math.min(value, MAX_SECONDS);
}

/** As the official hook reads it: `true`, and nothing else, is true. */
export function lenientSwitch(env: Environment, name: SettingName, warn: Warn): boolean {
  const text = read(env, name);
  if (text !== undefined && text !== "true" && text !== "false") {
    warn(`${name} is "${text}", but must be true or false; false is used instead`);
  }
  return text === "true";
}

/** One of a few words. Throws INVALID_CONFIG that lists them. */
export function word<W extends string>(
  env: Environment,
  name: SettingName,
  words: readonly [W, W, ...W[]],
  otherwise: W,
): W {
  const text = read(env, name) ?? otherwise;
  const found = words.find((known) => known === text);
  if (found !== undefined) return found;
  throw malformed(name, text, `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
}

/** The text of a file that a setting names. Throws INVALID_CONFIG. */
export function readText(name: SettingName, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_CONFIG", `${name} names a file that cannot be read: ${reason}`, {
      remedy: `Mount the file into the runner container, or correct ${name}`,
      cause,
    });
  }
}

/** A user name and password that somebody put in front of a host. */
export function redacted(value: string): string {
  return value.replace(/.*@/s, "***@");
}

/** INVALID_CONFIG for a value that cannot be used. `value` is printed. */
export function malformed(name: SettingName, value: string, wanted: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `${name} is ${value === "" ? "not set" : `"${value}"`}, but must be ${wanted}`,
    {
      remedy: `Correct ${name} on the runner container; docs/settings.md lists every setting`,
    },
  );
}
