import { parseArgs } from "node:util";
import { type CaseFilter, GROUPS, type Shard } from "@slipway/conformance";
import { FEATURES } from "@slipway/core";
import { TARGETS, type TargetName } from "./targets/known-targets.ts";
import { usageError } from "./usage-error.ts";

/** What the command line says. */
export interface ConformanceOptions {
  readonly filter: CaseFilter;
  /** The reference builder first. */
  readonly builders: readonly TargetName[];
  readonly resume: boolean;
  readonly keep: boolean;
  readonly jobs: number;
  readonly probe: boolean;
  readonly secondOpinion: boolean;
  readonly limitSeconds: number;
  readonly out: string;
  readonly action: Action;
}

export type Action =
  | { readonly kind: "run"; readonly updateBaseline: boolean }
  | { readonly kind: "list" }
  | { readonly kind: "help" }
  | { readonly kind: "bisect"; readonly case: string }
  | { readonly kind: "merge"; readonly files: readonly string[] }
  | { readonly kind: "publish"; readonly file: string };

const DEFAULT_OUT = "test-results/conformance";
/** Measured on two processors: pods wait more than they compute, so that fewer leave processors idle. */
const DEFAULT_JOBS = 8;

export const USAGE = `npm run conformance -- [options]

which cases
  --only GLOB         id or group/id, * stands for anything; may be repeated, as --group, --feature and --builder
  --group NAME        ${Object.keys(GROUPS).join(", ")}
  --feature NAME      cases that need it
  --profile NAME      core (no feature needed) or extended
  --builder NAME      ${keysOf(TARGETS).join(" or ")}; all of them when left out
  --shard I/N         the Ith of N parts
how
  --jobs N            cases at a time, ${DEFAULT_JOBS} when left out
  --limit SECONDS     for one build
  --resume            takes over what the last run in the output folder has finished
  --probe             lets the builders try what they do not declare, to measure what they do with it
  --second-opinion    has umoci unpack every image as well, and compares
  --keep              leaves namespaces with helpers in the cluster
  --out FOLDER        ${DEFAULT_OUT}
instead of a run
  --list              prints the cases
  --bisect CASE       names the first instruction after which a builder differs
  --merge FILE…       joins the report.json of several shards
  --publish FILE      writes a report.json into docs/ and the README
with a run
  --update-baseline   writes a proposal for known-differences/ beside the report

exit codes: 0 nothing unexpected, 1 regressions or unexpected passes, 2 usage, 3 harness error or incomplete, 4 expired or unused known differences`;

const flags = {
  only: { type: "string", multiple: true },
  group: { type: "string", multiple: true },
  feature: { type: "string", multiple: true },
  builder: { type: "string", multiple: true },
  profile: { type: "string" },
  shard: { type: "string" },
  jobs: { type: "string" },
  limit: { type: "string" },
  out: { type: "string" },
  bisect: { type: "string" },
  publish: { type: "string" },
  resume: { type: "boolean" },
  probe: { type: "boolean" },
  "second-opinion": { type: "boolean" },
  keep: { type: "boolean" },
  list: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  merge: { type: "boolean" },
  "update-baseline": { type: "boolean" },
} as const;

type Values = ReturnType<typeof parsed>["values"];

/** Reads the command line. Throws a usage error that names the option. */
export function parseOptions(args: readonly string[]): ConformanceOptions {
  const { values, positionals } = parsed(args);
  const merging = values.merge === true;
  if (!merging && positionals[0] !== undefined)
    throw usageError(
      `${JSON.stringify(positionals[0])} is not an option`,
      "Name cases by --only; see --help",
    );
  return {
    filter: filterOf(values),
    builders: buildersOf(values.builder),
    resume: values.resume === true,
    keep: values.keep === true,
    jobs: count(values.jobs, "jobs", DEFAULT_JOBS),
    probe: values.probe === true,
    secondOpinion: values["second-opinion"] === true,
    limitSeconds: count(values.limit, "limit", 300),
    out: values.out ?? DEFAULT_OUT,
    action: actionOf(values, positionals),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), "See --help");
  }
}

/** The command line again, but for what says where results are. */
export function withoutPlaces(args: readonly string[]): readonly string[] {
  const { tokens } = parseArgs({ args: [...args], options: flags, allowPositionals: true, tokens: true });
  return tokens.flatMap((token) => {
    if (token.kind !== "option" || token.name === "out" || token.name === "resume") return [];
    return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
  });
}

function actionOf(values: Values, positionals: readonly string[]): Action {
  if (values.help === true) return { kind: "help" };
  if (values.list === true) return { kind: "list" };
  if (values.bisect !== undefined) return { kind: "bisect", case: values.bisect };
  if (values.publish !== undefined) return { kind: "publish", file: values.publish };
  if (values.merge === true) {
    if (positionals.length === 0) throw usageError("--merge names no file", "Name the report.json files");
    return { kind: "merge", files: positionals };
  }
  return { kind: "run", updateBaseline: values["update-baseline"] === true };
}

function filterOf(values: Values): CaseFilter {
  const { profile, shard } = values;
  return {
    ...(values.only === undefined ? {} : { only: values.only }),
    ...(values.group === undefined ? {} : { groups: each(values.group, "group", keysOf(GROUPS)) }),
    ...(values.feature === undefined ? {} : { features: each(values.feature, "feature", keysOf(FEATURES)) }),
    ...(profile === undefined ? {} : { profile: one(profile, "profile", ["core", "extended"] as const) }),
    ...(shard === undefined ? {} : { shard: shardOf(shard) }),
  };
}

/** In the order of the table, whatever the order in which they were named. */
function buildersOf(named: readonly string[] | undefined): readonly TargetName[] {
  const all = keysOf(TARGETS);
  const wanted = each(named ?? all, "builder", all);
  return all.filter((name) => wanted.includes(name));
}

function shardOf(text: string): Shard {
  const [, part, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (part !== undefined && of !== undefined && part >= 1 && part <= of) return { part, of };
  throw usageError(`--shard ${text} is not I/N`, "Write for example --shard 1/4; the first is 1");
}

function count(text: string | undefined, name: string, missing: number): number {
  if (text === undefined) return missing;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  throw usageError(`--${name} ${text} is not a number from 1`, `Write for example --${name} ${missing}`);
}

function each<T extends string>(texts: readonly string[], name: string, known: readonly T[]): readonly T[] {
  return texts.map((text) => one(text, name, known));
}

function one<T extends string>(text: string, name: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw usageError(`--${name} ${text} is not known`, `Use one of ${known.join(", ")}`);
}

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
