import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WorkLayout } from "../work-layout.ts";
import { inJobContainer } from "./container-paths.ts";

export interface ScriptArguments {
  readonly entryPointArgs: readonly string[];
  readonly entryPoint: string;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly prependPath: readonly string[];
  readonly workingDirectory: string;
}

export interface ScriptSettings {
  readonly layout: WorkLayout;
  /** With the runner's own paths: they are translated here. */
  readonly env: Readonly<Record<string, string>>;
  readonly prependPath: readonly string[];
}

/** Arguments of the shells that the runner knows (actions/runner, ScriptHandlerHelpers); any other is a command line with `{0}`. */
const SHELL_ARGUMENTS: Readonly<Record<string, string>> = {
  sh: "-e {0}",
  bash: "--noprofile --norc -e -o pipefail {0}",
  python: "{0}",
};
const EXTENSIONS: Readonly<Record<string, string>> = { sh: ".sh", bash: ".sh", python: ".py" };

/** `run:`: the script goes to a file in the runner's temporary folder, and its path into the shell's arguments. */
export async function shellArguments(
  script: {
    readonly text: string;
    readonly shell: string | undefined;
    readonly workingDirectory: string | undefined;
  },
  settings: ScriptSettings,
): Promise<ScriptArguments> {
  const { layout } = settings;
  // In a container the runner cannot look for bash.
  const [command = "sh", ...given] = (script.shell ?? "sh").trim().split(" ");
  const format = given.join(" ").trimStart() || SHELL_ARGUMENTS[command];
  if (format?.includes("{0}") !== true)
    throw new Error(`shell: ${script.shell} must be a built-in one or a format string containing '{0}'`);
  const file = join(layout.temp, `${randomUUID()}${EXTENSIONS[command] ?? ""}`);
  await writeFile(file, script.text);
  const line = format.replaceAll("{0}", inJobContainer(layout, file));
  return scriptArguments(command, line, join(layout.workspace, script.workingDirectory ?? ""), settings);
}

/** A JavaScript action: Node of the runner's externals, by the kind of image. */
export function nodeArguments(
  script: { readonly file: string; readonly using: string; readonly isAlpine: boolean },
  settings: ScriptSettings,
): ScriptArguments {
  const node = `/__e/${script.using}${script.isAlpine ? "_alpine" : ""}/bin/node`;
  const line = inJobContainer(settings.layout, script.file);
  return scriptArguments(node, line, settings.layout.workspace, settings);
}

/** The command line is split at spaces, and empty parts are kept. */
function scriptArguments(
  entryPoint: string,
  line: string,
  workingDirectory: string,
  { layout, env, prependPath }: ScriptSettings,
): ScriptArguments {
  const translated = Object.entries(env).map(([name, value]) => [name, inJobContainer(layout, value)]);
  return {
    entryPointArgs: line.split(" ").map((part) => part.trim()),
    entryPoint,
    environmentVariables: Object.fromEntries(translated),
    prependPath,
    workingDirectory: inJobContainer(layout, workingDirectory),
  };
}
