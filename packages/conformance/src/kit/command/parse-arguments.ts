import { parseArgs } from "node:util";
import { BuildError } from "@slipway/core";

/** Behaviour cases alone; with the cases of the corpus that need no feature; or with all that the builder declares. */
export type Profile = "behaviour" | "core" | "extended";

export interface KitArguments {
  readonly action: "run" | "list" | "help";
  /** Path of a file, or name of a package. */
  readonly builder?: string;
  readonly config?: string;
  readonly knownFailures?: string;
  readonly host?: string;
  readonly base?: string;
  readonly only: readonly string[];
  readonly profile: Profile;
  /** Cases at the same time. */
  readonly jobs: number;
  readonly limitSeconds: number;
  /** How long a builder may take to stop when the time is over. */
  readonly graceSeconds: number;
  /** Where the report goes. */
  readonly json?: string;
}

/** Builds in a cluster wait more than they compute. That they do not mix is asked of every builder. */
const DEFAULT_JOBS = "4";

export const USAGE = `slipway-conformance run --builder MODULE [options]
slipway-conformance list

  --builder MODULE        what exports the builder: a path, such as ./dist/index.js, or the name of a package
  --config FILE           its configuration, JSON or YAML; {{registry.host}}, {{registry.username}}, {{registry.password}}
                          and {{base}} in its texts are replaced
  --known-failures FILE   JSON or YAML: ids of cases, and why each is known to fail
  --host MODULE           what exports createHost: the place for builders that need more than this machine
  --base IMAGE            an image with /bin/sh that the builder can pull, or the folder of an OCI layout
  --only PATTERN          only these cases; * stands for any characters; may be repeated
  --profile NAME          behaviour, core (with the corpus, the default) or extended (with all that the builder declares)
  --jobs N                cases at the same time; ${DEFAULT_JOBS}
  --limit SECONDS         for one case; 300
  --grace SECONDS         for a builder to stop when the time is over; 30
  --json FILE             writes the report
  --list                  the same as list

environment: CONFORMANCE_REGISTRY (host[:port]) to push to, instead of a registry in this process;
CONFORMANCE_PLAIN_HTTP=true; CONFORMANCE_REGISTRY_USERNAME and _PASSWORD; CONFORMANCE_BASE as --base

exit codes: 0 all is as expected, 1 cases failed or known failures passed, 2 usage, 3 the kit or its place failed`;

const FLAGS = {
  builder: { type: "string" },
  config: { type: "string" },
  "known-failures": { type: "string" },
  host: { type: "string" },
  base: { type: "string" },
  only: { type: "string", multiple: true },
  profile: { type: "string" },
  jobs: { type: "string" },
  limit: { type: "string" },
  grace: { type: "string" },
  json: { type: "string" },
  list: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Throws INVALID_REQUEST that names the argument. */
export function parseArguments(args: readonly string[]): KitArguments {
  const { values, positionals } = parsed(args);
  const [command, ...more] = positionals;
  const action = values.help === true || args.length === 0 ? "help" : values.list === true ? "list" : command;
  if (action !== "run" && action !== "list" && action !== "help")
    throw usage(`The command is ${action === undefined ? "missing" : `"${action}"`}`, "Use run or list");
  if (more.length > 0) throw usage(`"${more[0]}" belongs to no option`, "Take it out");
  if (action === "run" && values.builder === undefined)
    throw usage("--builder is missing", "Name the builder's module");
  const { config, "known-failures": knownFailures, host, builder, base, json } = values;
  return {
    action,
    only: values.only ?? [],
    profile: profileOf(values.profile ?? "core"),
    jobs: positive("--jobs", values.jobs ?? DEFAULT_JOBS),
    limitSeconds: positive("--limit", values.limit ?? "300"),
    graceSeconds: positive("--grace", values.grace ?? "30"),
    ...defined({ builder, config, knownFailures, host, base, json }),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw usage(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), "See --help");
  }
}

function profileOf(name: string): Profile {
  if (name === "behaviour" || name === "core" || name === "extended") return name;
  throw usage(`--profile is "${name}"`, "Use behaviour, core or extended");
}

function positive(flag: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usage(`${flag} is "${text}"`, "Use a whole number above 0");
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function usage(message: string, remedy: string): BuildError {
  return new BuildError("INVALID_REQUEST", message, { remedy });
}
