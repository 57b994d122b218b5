import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** The folders of one job as the runner lays them out below `_work`, as paths where the runner runs. */
export interface WorkLayout {
  readonly root: string;
  readonly workspace: string;
  readonly runnerWorkspace: string;
  readonly temp: string;
  readonly home: string;
  readonly workflow: string;
  readonly fileCommands: string;
  readonly responses: string;
  readonly actions: string;
}

/** `repository` is `owner/name`; the workspace is `_work/name/name`. */
export function workLayout(root: string, repository: string): WorkLayout {
  const name = basename(repository);
  const temp = join(root, "_temp");
  return {
    root,
    temp,
    runnerWorkspace: join(root, name),
    workspace: join(root, name, name),
    home: join(temp, "_github_home"),
    workflow: join(temp, "_github_workflow"),
    fileCommands: join(temp, "_runner_file_commands"),
    responses: join(temp, "_runner_hook_responses"),
    actions: join(root, "_actions"),
  };
}

export async function createWorkLayout(layout: WorkLayout, event: object): Promise<void> {
  const folders = [
    layout.workspace,
    layout.home,
    layout.workflow,
    layout.fileCommands,
    layout.responses,
    layout.actions,
  ];
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await writeFile(join(layout.workflow, "event.json"), JSON.stringify(event));
}
