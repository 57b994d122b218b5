import { realpathSync } from "node:fs";
import type { ContainerStep } from "../protocol/hook-input.ts";
import { openFileCommands } from "../script-step/file-commands.ts";
import { sharedMounts } from "../work/shared-mounts.ts";
import { planWorkFolders, prepareWorkFolders } from "../work/work-folders.ts";
import type { WorkPlacement } from "../work/work-placement.ts";
import type { StepPlan } from "./step-pod.ts";

/** Where a container step sees the file commands; to their folder the runner gives other names elsewhere. */
const FILE_COMMANDS = "/github/file_commands/";

/** The runner's folders of a step, made where they are missing, and how its container sees them. Throws INVALID_REQUEST. */
export async function stepFolders(
  step: ContainerStep,
  placement: WorkPlacement,
  workFolder: string,
): Promise<Pick<StepPlan, "folders" | "mounts">> {
  const system = await prepareWorkFolders(step.systemMounts);
  const folders = planWorkFolders(system, step.userMounts, workFolder);
  if (placement.kind === "copy") return { folders, mounts: folders.mounts };
  // A copy is given to everybody by the agent; here the files are the runner's own.
  openFileCommands(step.environment, workFolder, FILE_COMMANDS);
  return { folders, mounts: sharedMounts(folders, placement, realpathSync(workFolder)) };
}
