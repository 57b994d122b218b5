// The runner's stand-in inside a runner pod. Without arguments: one JSON request on stdin, the hook's output on stderr as it comes, the
// result on stdout. `workflow FOLDER`: the request is FOLDER/request.json, the log goes to stdout, the result to FOLDER/result.json.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { JobSettings } from "./hook-caller.ts";
import { RunnerJob, type Step } from "./runner-job.ts";
import { parseWorkflow } from "./workflow/workflow-file.ts";
import { WorkflowJob, type WorkflowOptions } from "./workflow/workflow-job.ts";

interface Request {
  readonly job: Omit<JobSettings, "env"> & { readonly env: Readonly<Record<string, string>> };
}

interface StepRequest extends Request {
  readonly state: unknown;
  readonly step: Step;
}

export interface WorkflowRequest extends Request {
  readonly workflow: string;
  readonly options: WorkflowOptions;
}

const [mode, folder] = process.argv.slice(2);
await (mode === "workflow" && folder !== undefined ? runWorkflow(folder) : runStep());

async function runStep(): Promise<void> {
  const request = JSON.parse(await text(process.stdin)) as StepRequest;
  const job = new RunnerJob(settingsOf(request), request.state);
  await job.start();
  const result = await job.run(request.step, (chunk) => process.stderr.write(chunk));
  process.stdout.write(JSON.stringify(result));
}

async function runWorkflow(where: string): Promise<void> {
  const request = JSON.parse(await readFile(join(where, "request.json"), "utf8")) as WorkflowRequest;
  const job = new WorkflowJob(
    settingsOf(request),
    parseWorkflow(request.workflow),
    request.options,
    (chunk) => process.stdout.write(chunk),
  );
  const record = await job.run();
  await writeFile(join(where, "result.new"), JSON.stringify(record));
  await rename(join(where, "result.new"), join(where, "result.json"));
}

function settingsOf({ job }: Request): JobSettings {
  return { ...job, env: { ...process.env, ...job.env } };
}
