import { randomBytes } from "node:crypto";
import type { StepOutput } from "../output/step-output.ts";
import { plainLines, workflowCommand } from "../output/workflow-commands.ts";

/** A stretch of output that cannot drive the runner. */
export interface BuildFence {
  /** Prints somebody else's text as lines of text. */
  print(text: string): Promise<void>;
  /** Lets workflow commands work again. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens a group whose content the runner shows and does not obey. A Dockerfile is somebody else's code and Kaniko prints what RUN prints
 * as it is: `::add-mask::`, `##[error]`, a lone `\r` in front of a command. Only stopping commands with a word nobody can guess helps
 * against all of it, and only on one stream: the order of stdout and stderr is not guaranteed.
 */
export async function openBuildFence(output: StepOutput, title: string): Promise<BuildFence> {
  const token = randomBytes(32).toString("hex");
  await output.line(workflowCommand("group", plainLines(title).join(" ")));
  await output.line(`::stop-commands::${token}`);
  let open = true;
  return {
    // In one piece: who does not wait must not get in between the lines.
    print: (text) => output.line(plainLines(text).join("\n")),
    async close() {
      if (!open) return;
      open = false;
      await output.line(`::${token}::`);
      await output.line("::endgroup::");
    },
  };
}
