import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { type ContainerAction, readContainerAction } from "../action-file.ts";
import type { StepYaml } from "./workflow-file.ts";

/** An action as the runner finds it on its own disk. */
export type Action =
  | { readonly kind: "container"; readonly folder: string; readonly action: ContainerAction }
  | {
      readonly kind: "javascript";
      readonly folder: string;
      readonly using: string;
      readonly pre: string | undefined;
      readonly main: string;
      readonly post: string | undefined;
      readonly inputs: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "composite";
      readonly folder: string;
      readonly steps: readonly StepYaml[];
      readonly inputs: Readonly<Record<string, string>>;
      readonly outputs: Readonly<Record<string, string>>;
    };

interface ActionYaml {
  readonly inputs?: Record<string, { readonly default?: unknown } | null>;
  readonly outputs?: Record<string, { readonly value?: unknown } | null>;
  readonly runs: {
    readonly using: string;
    readonly pre?: string;
    readonly main?: string;
    readonly post?: string;
    readonly steps?: readonly StepYaml[];
  };
}

/** Reads an action from the runner's disk; throws with the runner's own words when it is not there. */
export async function readAction(folder: string, given: Readonly<Record<string, string>>): Promise<Action> {
  const file = ["action.yml", "action.yaml"].map((name) => join(folder, name)).find(existsSync);
  if (file === undefined)
    throw new Error(
      `Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${folder}'. ` +
        "Did you forget to run actions/checkout before running your local action?",
    );
  const yaml = parse(await readFile(file, "utf8")) as ActionYaml;
  const { runs } = yaml;
  if (runs.using === "docker") {
    return { kind: "container", folder, action: await readContainerAction(folder, given) };
  }
  const defaults = Object.entries(yaml.inputs ?? {}).map(([name, input]) => [
    name,
    String(input?.default ?? ""),
  ]);
  const inputs: Record<string, string> = { ...Object.fromEntries(defaults), ...given };
  if (runs.using !== "composite") {
    return {
      kind: "javascript",
      folder,
      using: runs.using,
      pre: runs.pre,
      main: runs.main ?? "",
      post: runs.post,
      inputs,
    };
  }
  const outputs = Object.entries(yaml.outputs ?? {}).map(([name, output]) => [
    name,
    String(output?.value ?? ""),
  ]);
  return { kind: "composite", folder, steps: runs.steps ?? [], inputs, outputs: Object.fromEntries(outputs) };
}

/** `uses: docker://image`: an action of an image alone, which takes its arguments and its entry point from `with`. */
export function imageAction(uses: string, given: Readonly<Record<string, string>>): Action {
  const { args, entrypoint, ...inputs } = given;
  const action: ContainerAction = {
    image: uses,
    args: [],
    argumentLine: args ?? "",
    entrypoint,
    preEntrypoint: undefined,
    postEntrypoint: undefined,
    env: {},
    inputs,
  };
  return { kind: "container", folder: "/", action };
}

export function hasStage(action: Action, stage: "pre" | "post"): boolean {
  if (action.kind === "composite") return false;
  if (action.kind === "javascript") return action[stage] !== undefined;
  return action.action[stage === "pre" ? "preEntrypoint" : "postEntrypoint"] !== undefined;
}
