import { BuildError, ERROR_CODES, type ErrorCode, isBuildError } from "@slipway/core";

/** How the agent is started in a container that has it already. */
export interface AgentCommand {
  /** Path of Node in that container; `node` from its PATH when left out. */
  readonly node?: string;
}

const AGENT_PATH = "/slipway/agent.cjs";

/** Words for exec, where nothing expands `$(…)`, unlike in the arguments of a container. */
export function agentCommand(
  command: string,
  options: object,
  { node = "node" }: AgentCommand,
): readonly string[] {
  return [node, AGENT_PATH, command, JSON.stringify(options)];
}

/** The error that the agent wrote as one line of JSON; undefined when it wrote none. */
export function agentError(stderr: string): BuildError | undefined {
  for (const line of stderr.trimEnd().split("\n").reverse()) {
    const error = parseLine(line);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** The container runs and its first process has not got to installing the agent: Node says that it cannot find the file. */
const NOT_INSTALLED = /Cannot find module '[^']*\/agent\.cjs'/;

/** Whether the agent will be there in a moment. */
export function isNotInstalled(error: unknown): boolean {
  return isBuildError(error) && error.details["installed"] === false;
}

/** What to say of an agent that ended without an error of its own. */
export function agentFailure(command: string, exitCode: number, stderr: string): BuildError {
  if (NOT_INSTALLED.test(stderr)) {
    return new BuildError("POD_LOST", "the agent is not installed in the container", {
      remedy: "Look at the log of the container `receive`",
      details: { installed: false },
    });
  }
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const message = `the agent's command ${command} ended with exit code ${exitCode}${said === "" ? "" : `: ${said.slice(0, 500)}`}`;
  // 137 and 143: killed, with its pod or for its memory. Another pod may do better.
  const code = exitCode > 128 ? "POD_LOST" : "INTERNAL";
  return (
    agentError(stderr) ??
    new BuildError(code, message, { remedy: "Look at the events and the memory of the pod" })
  );
}

function parseLine(line: string): BuildError | undefined {
  if (!line.startsWith('{"error"')) return undefined;
  try {
    const { error } = JSON.parse(line) as { error?: { code?: string; message?: string; remedy?: string } };
    if (typeof error?.message !== "string" || !isErrorCode(error.code)) return undefined;
    return new BuildError(error.code, error.message, { remedy: error.remedy });
  } catch {
    return undefined;
  }
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code);
}
