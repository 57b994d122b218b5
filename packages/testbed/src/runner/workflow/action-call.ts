import { join } from "node:path";
import { containerStepArguments, type Stage } from "../container-step.ts";
import type { FileCommands } from "../file-commands.ts";
import type { Action } from "./action-kind.ts";
import type { JobState } from "./job-state.ts";
import { nodeArguments } from "./script-call.ts";

export type ProgramAction = Exclude<Action, { kind: "composite" }>;

/** Command and `args` for one stage of an action that runs a program. */
export function actionCall(
  action: ProgramAction,
  stage: Stage,
  env: Readonly<Record<string, string>>,
  commands: FileCommands,
  state: JobState,
): { command: string; args: object } {
  const { layout, prependPath } = state;
  if (action.kind === "container") {
    const args = containerStepArguments({
      layout,
      action: action.action,
      actionFolder: action.folder,
      stage,
      env,
      commands,
    });
    return { command: "run_container_step", args };
  }
  const inputs = Object.entries(action.inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
    value,
  ]);
  const script = {
    file: join(action.folder, action[stage] ?? ""),
    using: action.using,
    isAlpine: state.prepared?.isAlpine === true,
  };
  const all = { ...env, ...Object.fromEntries(inputs), ...commands.environment(layout.fileCommands) };
  return { command: "run_script_step", args: nodeArguments(script, { layout, env: all, prependPath }) };
}
