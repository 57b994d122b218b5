import { join, resolve } from "node:path";
import type { ContainerAction } from "./action-file.ts";
import type { FileCommands } from "./file-commands.ts";
import { hookArguments, splitAtSpaces } from "./hook-arguments.ts";
import type { WorkLayout } from "./work-layout.ts";

export type Stage = "pre" | "main" | "post";

export interface ContainerStepArguments {
  readonly image: string | null;
  readonly dockerfile: string | null;
  readonly entryPointArgs: readonly string[];
  readonly entryPoint: string | null;
  readonly workingDirectory: string;
  readonly createOptions: null;
  readonly registry: null;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly portMappings: readonly string[];
  readonly systemMountVolumes: readonly object[];
  readonly userMountVolumes: readonly object[];
}

export interface ContainerStep {
  readonly layout: WorkLayout;
  readonly action: ContainerAction;
  readonly actionFolder: string;
  readonly stage: Stage;
  readonly env: Readonly<Record<string, string>>;
  readonly commands: FileCommands;
}

/** `args` of run_container_step, nulls included, as the runner's ContainerActionHandler and its serialiser make them. */
export function containerStepArguments(step: ContainerStep): ContainerStepArguments {
  const { action } = step;
  const ready = action.image.startsWith("docker://") ? action.image.slice("docker://".length) : null;
  return {
    image: ready,
    dockerfile: ready === null ? resolve(step.actionFolder, action.image) : null,
    entryPointArgs:
      action.argumentLine === undefined ? hookArguments(action.args) : splitAtSpaces(action.argumentLine),
    entryPoint: entryPointOf(action, step.stage) ?? null,
    workingDirectory: "/github/workspace",
    createOptions: null,
    registry: null,
    environmentVariables: environmentOf(step),
    portMappings: [],
    systemMountVolumes: mountsOf(step.layout),
    userMountVolumes: [],
  };
}

function entryPointOf(action: ContainerAction, stage: Stage): string | undefined {
  return { pre: action.preEntrypoint, main: action.entrypoint, post: action.postEntrypoint }[stage];
}

function environmentOf({ action, env, commands, layout }: ContainerStep): Record<string, string> {
  const inputs = Object.entries(action.inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
    value,
  ]);
  return {
    ...action.env,
    ...env,
    ...Object.fromEntries(inputs),
    ...commands.environment("/github/file_commands"),
    HOME: "/github/home",
    GITHUB_ACTIONS: "true",
    CI: "true",
    GITHUB_WORKSPACE: "/github/workspace",
    GITHUB_EVENT_PATH: "/github/workflow/event.json",
    RUNNER_TEMP: "/github/runner_temp",
    RUNNER_WORKSPACE: layout.runnerWorkspace,
  };
}

function mountsOf(layout: WorkLayout): object[] {
  const mount = (sourceVolumePath: string, targetVolumePath: string): object => ({
    userProvidedValue: null,
    sourceVolumePath,
    targetVolumePath,
    readOnly: false,
  });
  return [
    mount("/var/run/docker.sock", "/var/run/docker.sock"),
    mount(layout.temp, "/github/runner_temp"),
    mount(layout.home, "/github/home"),
    mount(layout.workflow, "/github/workflow"),
    mount(layout.fileCommands, "/github/file_commands"),
    mount(layout.workspace, "/github/workspace"),
  ];
}

/** Where the runner puts the action of `uses: owner/repo[/path]@ref`, or of `uses: ./path`. */
export function actionFolder(layout: WorkLayout, uses: string): string {
  if (uses.startsWith("./")) return join(layout.workspace, uses);
  const [name = "", ref = ""] = uses.split("@");
  const [owner = "", repo = "", ...path] = name.split("/");
  return join(layout.actions, owner, repo, ref, ...path);
}
