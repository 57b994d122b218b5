import { BuildError } from "@slipway/core";
import * as v from "valibot";

/** The commands of the container hook protocol (actions/runner, docs/adrs/1891-container-hooks.md). */
export const COMMANDS = ["prepare_job", "run_script_step", "run_container_step", "cleanup_job"] as const;
export type Command = (typeof COMMANDS)[number];

/** What an earlier call of the same job returned as `state`. Keys that are not ours are kept as they are. */
export type HookState = Readonly<Record<string, unknown>>;

export interface Mount {
  /** Absolute path on the runner; undefined for an anonymous volume. */
  readonly source: string | undefined;
  /** Absolute path in the step's container. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** `args` of run_container_step, without nulls. Exactly one of `image` and `dockerfile` is set. */
export interface ContainerStep {
  readonly image: string | undefined;
  /** Path on the runner. */
  readonly dockerfile: string | undefined;
  /** undefined: the image's own. The runner sends null or "" for it. */
  readonly entryPoint: string | undefined;
  /** As the runner sends them: one string split at spaces. `stepArguments` puts them together again. */
  readonly entryPointArgs: readonly string[];
  readonly workingDirectory: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly systemMounts: readonly Mount[];
  readonly userMounts: readonly Mount[];
}

export interface HookInput {
  readonly command: Command;
  readonly responseFile: string | undefined;
  readonly state: HookState;
  /** Not checked yet: what has to be in it depends on the command. */
  readonly args: unknown;
}

const mount = v.object({
  sourceVolumePath: v.nullish(v.string()),
  targetVolumePath: v.pipe(v.string(), v.startsWith("/", "must be an absolute path")),
  readOnly: v.nullish(v.boolean(), false),
});

const containerStep = v.object({
  image: v.nullish(v.string()),
  dockerfile: v.nullish(v.string()),
  entryPoint: v.nullish(v.string()),
  entryPointArgs: v.nullish(v.array(v.string()), []),
  workingDirectory: v.nullish(v.string()),
  environmentVariables: v.nullish(v.record(v.string(), v.nullish(v.string(), "")), {}),
  systemMountVolumes: v.nullish(v.array(mount), []),
  userMountVolumes: v.nullish(v.array(mount), []),
});

const envelope = v.object({
  command: v.picklist(COMMANDS, (issue) => `must be one of ${COMMANDS.join(", ")}, not ${issue.received}`),
  responseFile: v.nullish(v.string()),
  args: v.optional(v.unknown()),
  state: v.nullish(v.record(v.string(), v.unknown()), {}),
});

/**
 * Reads what the runner wrote to stdin: one line of JSON. Where there are several, the last one counts, as in the official hook.
 * Throws INVALID_REQUEST that names the field.
 */
export function parseHookInput(stdin: string): HookInput {
  const line = stdin.split("\n").findLast((text) => text.trim() !== "");
  if (line === undefined) throw refused("stdin is empty; the runner writes one line of JSON to it");
  const { command, responseFile, args, state } = check(envelope, parseJson(line), "");
  return { command, responseFile: responseFile || undefined, state, args };
}

/** Checks the `args` of run_container_step. Throws INVALID_REQUEST that names the field. */
export function parseContainerStep(args: unknown): ContainerStep {
  const step = check(containerStep, args, "args");
  const image = step.image || undefined;
  const dockerfile = step.dockerfile || undefined;
  if (image === undefined && dockerfile === undefined) throw refused("args has neither image nor dockerfile");
  if (image !== undefined && dockerfile !== undefined) throw refused("args has both image and dockerfile");
  return {
    image,
    dockerfile,
    entryPoint: step.entryPoint || undefined,
    entryPointArgs: step.entryPointArgs,
    workingDirectory: step.workingDirectory || undefined,
    environment: step.environmentVariables,
    systemMounts: step.systemMountVolumes.map(toMount),
    userMounts: step.userMountVolumes.map(toMount),
  };
}

function toMount({ sourceVolumePath, targetVolumePath, readOnly }: v.InferOutput<typeof mount>): Mount {
  return { source: sourceVolumePath || undefined, target: targetVolumePath, readOnly };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line.replace(/^\uFEFF/, ""));
  } catch {
    // The parser's own message quotes the text, and with it secrets of the step: it is left out on purpose, as is the cause.
    throw refused(`stdin is not valid JSON (${line.length} characters)`);
  }
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, root: string): v.InferOutput<S> {
  // Valibot takes an array for an object.
  if (Array.isArray(value)) throw refused(`${root || "it"} must be Object, not an array`);
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = [root, v.getDotPath(issue)].filter(Boolean).join(".") || "the input";
  throw refused(`${path} ${wordingOf(issue)}`);
}

function wordingOf(issue: v.BaseIssue<unknown>): string {
  // Values may be secrets: only their kind is named, except for the command.
  if (issue.type === "picklist" || issue.type === "starts_with") return issue.message;
  if (issue.input === undefined) return "is missing";
  const expected = issue.expected?.replaceAll('"', "") ?? "something else";
  return `must be ${expected}, not ${kindOf(issue.input)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}

function refused(message: string): BuildError {
  return new BuildError("INVALID_REQUEST", `The input of the hook cannot be used: ${message}`, {
    remedy:
      "Start the hook through ACTIONS_RUNNER_CONTAINER_HOOKS of a runner that speaks the container hook protocol",
  });
}
