import { type BuildError, ERROR_CODES } from "@slipway/core";
import { plainLines, workflowCommand } from "./workflow-commands.ts";

/**
 * The last line of a failed call. The runner puts "Executing the custom container implementation failed" around it and tells
 * nothing else, so this line says by itself what happened and what to do.
 */
export function finalLine(error: BuildError): string {
  const cause = sentence(error.message) || ERROR_CODES[error.code].meaning;
  const remedy = error.remedy === undefined ? "" : ` ${sentence(error.remedy)}`;
  return workflowCommand("error", `[${error.code}] ${cause}${remedy}`);
}

/** Rules to copy keep their lines; the end gets its full stop. */
function sentence(text: string): string {
  const lines = plainLines(text.trim());
  const joined = lines.length > 1 ? lines.join("\n") : (lines[0] ?? "");
  return /[.!?…:]$/.test(joined) || joined === "" || lines.length > 1 ? joined : `${joined}.`;
}
