import { BuildError } from "@slipway/core";
import { isFlag, longName } from "./docker-options.ts";
import { shellWords } from "./shell-words.ts";

/** A health check of docker's. Times in whole seconds, as probes have them. */
export interface HealthCheck {
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
}

/** What of the `options:` of a container has an effect in a pod. */
export interface CreateOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number | undefined } | undefined;
  readonly health: HealthCheck | undefined;
  /** Names under which other containers expect it. */
  readonly hostNames: readonly string[];
  /** Options without effect, each once, as written, without their values. */
  readonly ignored: readonly string[];
}

interface Option {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads the options that the workflow would give to `docker create` (docs.docker.com, "docker container create"). `--cpus` and `--memory` are
 * among the ignored: the official hooks ignored them too, so that jobs exist which need more than they say, and would now be killed for it.
 * Throws INVALID_REQUEST for a duration, a number or a variable that docker would refuse as well.
 */
export function parseCreateOptions(text: string): CreateOptions {
  const options = optionsOf(shellWords(text));
  const environment: Record<string, string> = {};
  const hostNames = new Set<string>();
  const ignored = new Set<string>();
  let user: CreateOptions["user"];
  for (const option of options) {
    const { name, value } = option;
    const equals = value.indexOf("=");
    if (HEALTH.includes(name)) continue;
    if (name === "--env" && equals > 0) environment[value.slice(0, equals)] = value.slice(equals + 1);
    else if (NAMES.includes(name) && isHostName(value)) hostNames.add(value.toLowerCase());
    else if (name === "--user" && userOf(value) !== undefined) user = userOf(value);
    else ignored.add(name);
  }
  return { environment, user, health: healthOf(options), hostNames: [...hostNames], ignored: [...ignored] };
}

const NAMES = ["--name", "--hostname", "--network-alias", "--net-alias"];
const HEALTH = [
  "--health-cmd",
  "--health-interval",
  "--health-timeout",
  "--health-retries",
  // Failures before its end do not count in docker. Here none counts until the time limit of the pod.
  "--health-start-period",
  "--health-start-interval",
  "--no-healthcheck",
];

/** Docker's own defaults (Dockerfile reference, HEALTHCHECK). */
function healthOf(options: readonly Option[]): HealthCheck | undefined {
  const last = (name: string) => options.findLast((option) => option.name === name)?.value;
  const command = last("--health-cmd");
  if (last("--no-healthcheck") !== undefined || command === undefined || ["", "none"].includes(command))
    return undefined;
  return {
    command,
    intervalSeconds: seconds("--health-interval", last("--health-interval"), 30),
    timeoutSeconds: seconds("--health-timeout", last("--health-timeout"), 30),
    retries: count("--health-retries", last("--health-retries"), 3),
  };
}

function optionsOf(words: readonly string[]): Option[] {
  const options: Option[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, written = word, joined] = /^(--[^=]+|-[a-zA-Z])=?([\s\S]+)?$/.exec(word) ?? [];
    const name = longName(written);
    const takesNext = joined === undefined && written.startsWith("-") && !isFlag(name);
    options.push({ name, value: takesNext ? (words[at + 1] ?? "") : (joined ?? "") });
    if (takesNext) at += 1;
  }
  return options;
}

/** A pod knows users by number only; root is the same in every image. */
function userOf(value: string): CreateOptions["user"] {
  const [, uid, gid] = /^(\d{1,9}|root)(?::(\d{1,9}|root))?$/.exec(value) ?? [];
  if (uid === undefined) return undefined;
  return { uid: idOf(uid), gid: gid === undefined ? undefined : idOf(gid) };
}

function idOf(text: string): number {
  return text === "root" ? 0 : Number(text);
}

function isHostName(value: string): boolean {
  return /^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/i.test(value);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/** A duration of Go, `1m30s`, rounded up. 0 stands for the default (docs.docker.com, `--health-interval`). */
function seconds(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === "0") return otherwise;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)];
  if (parts.map(([part]) => part).join("") !== text || text === "")
    throw refused(name, "a duration such as 10s");
  const sum = parts.reduce(
    (total, [, amount, unit = ""]) => total + Number(amount) * (UNIT_SECONDS[unit] ?? 0),
    0,
  );
  return sum === 0 ? otherwise : Math.ceil(sum);
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === "0") return otherwise;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw refused(name, "a whole number");
}

function refused(name: string, wanted: string): BuildError {
  return new BuildError("INVALID_REQUEST", `The option ${name} of a container must be ${wanted}`, {
    remedy: "Correct `options:` of the container in the workflow",
  });
}
