import * as v from "valibot";
import { checkInput, refusedInput } from "./check-input.ts";

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

/** A volume of a container, as the runner sends it. */
export const mountSchema = v.object({
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
  systemMountVolumes: v.nullish(v.array(mountSchema), []),
  userMountVolumes: v.nullish(v.array(mountSchema), []),
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
  if (line === undefined) throw refusedInput("stdin is empty; the runner writes one line of JSON to it");
  const { command, responseFile, args, state } = checkInput(envelope, parseJson(line), "");
  return { command, responseFile: responseFile || undefined, state, args };
}

/** Checks the `args` of run_container_step. Throws INVALID_REQUEST that names the field. */
export function parseContainerStep(args: unknown): ContainerStep {
  const step = checkInput(containerStep, args, "args");
  const image = step.image || undefined;
  const dockerfile = step.dockerfile || undefined;
  if (image === undefined && dockerfile === undefined)
    throw refusedInput("args has neither image nor dockerfile");
  if (image !== undefined && dockerfile !== undefined)
    throw refusedInput("args has both image and dockerfile");
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

/** A volume without nulls. */
export function toMount({
  sourceVolumePath,
  targetVolumePath,
  readOnly,
}: v.InferOutput<typeof mountSchema>): Mount {
  return { source: sourceVolumePath || undefined, target: targetVolumePath, readOnly };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line.replace(/^\uFEFF/, ""));
  } catch {
    // The parser's own message quotes the text, and with it secrets of the step: it is left out on purpose, as is the cause.
    throw refusedInput(`stdin is not valid JSON (${line.length} characters)`);
  }
}
