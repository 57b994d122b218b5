import * as v from "valibot";
import { checkInput } from "./check-input.ts";
import { stepArguments } from "./step-arguments.ts";

/** `args` of run_script_step, without nulls (actions/runner, HookInput.cs, `HookScriptStepArgs`). */
export interface ScriptStep {
  /** A path in the job container, or a name to look for in its PATH. */
  readonly entryPoint: string;
  readonly args: readonly string[];
  /** undefined: the container's own. */
  readonly workingDirectory: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Put in front of PATH, first one first. */
  readonly prependPath: readonly string[];
}

const scriptStep = v.object({
  entryPoint: v.pipe(v.string(), v.nonEmpty("is empty")),
  entryPointArgs: v.nullish(v.array(v.string()), []),
  workingDirectory: v.nullish(v.string()),
  environmentVariables: v.nullish(v.record(v.string(), v.nullish(v.string(), "")), {}),
  // A string from runners up to 2.293.
  prependPath: v.nullish(v.union([v.array(v.string()), v.string()]), []),
});

/** Checks the `args` of run_script_step. Throws INVALID_REQUEST that names the field. */
export function parseScriptStep(args: unknown): ScriptStep {
  const step = checkInput(scriptStep, args, "args");
  const { prependPath } = step;
  const folders = typeof prependPath === "string" ? prependPath.split(":") : prependPath;
  return {
    entryPoint: step.entryPoint,
    args: stepArguments(step.entryPointArgs),
    workingDirectory: step.workingDirectory || undefined,
    environment: step.environmentVariables,
    prependPath: folders.filter((folder) => folder !== ""),
  };
}
