import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { JobRecord, StepRecord } from "./workflow/job-record.ts";

/** What it takes to run a workflow in a runner pod: the pod, by exec. */
export interface WorkflowPod {
  /** A script in the pod; rejects unless it ends with 0, and when the connection is lost. */
  shell(script: string, input?: Buffer): Promise<string>;
  /** Output of a script as it comes; settles when it ended or the connection is lost. */
  stream(script: string, onOutput: (chunk: Buffer) => void): Promise<void>;
}

/** A job as it went, and everything that was printed. */
export interface WorkflowResult extends JobRecord {
  readonly log: string;
}

const ATTEMPTS = 240;
const PAUSE_MS = 500;

/**
 * Starts the stand-in on its own in the pod and follows its log: the job goes on, and nothing is missed, when the API server through which
 * we look at it goes away.
 */
export async function runPodWorkflow(
  pod: WorkflowPod,
  start: { readonly home: string; readonly node: string; readonly request: object },
  onOutput: (chunk: Buffer) => void = () => undefined,
): Promise<WorkflowResult> {
  const folder = `${start.home}/job-${randomUUID()}`;
  await pod.shell(
    `mkdir -p ${folder} && cat > ${folder}/request.json`,
    Buffer.from(JSON.stringify(start.request)),
  );
  const program = `${start.node} ${start.home}/runner.mjs workflow ${folder} > ${folder}/log 2>&1`;
  await pod.shell(`setsid sh -c '${program}; echo $? > ${folder}/ended' < /dev/null > /dev/null 2>&1 &`);
  const log: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer): void => {
    log.push(chunk);
    size += chunk.length;
    onOutput(chunk);
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await pod.stream(followScript(folder, size), take);
    const result = await resultOf(pod, folder);
    if (result !== undefined) {
      take(Buffer.from(await pod.shell(`tail -c +${size + 1} ${folder}/log`)));
      return { ...result, log: Buffer.concat(log).toString("utf8") };
    }
    await delay(PAUSE_MS);
  }
  throw new Error(`The job gave no result: ${Buffer.concat(log).toString("utf8").slice(-2000)}`);
}

/** Not by `tail --pid`: nobody reaps in a runner pod, and a dead process looks alive. */
function followScript(folder: string, from: number): string {
  return [
    `until test -e ${folder}/log; do sleep 0.1; done`,
    `tail -s 0.2 -c +${from + 1} -f ${folder}/log & follower=$!`,
    `until test -e ${folder}/ended; do sleep 0.2; done`,
    "kill $follower",
  ].join("; ");
}

/** Undefined: it goes on, or the cluster does not answer. Throws when it ended without one. */
async function resultOf(pod: WorkflowPod, folder: string): Promise<JobRecord | undefined> {
  const script = `test ! -e ${folder}/ended || cat ${folder}/result.json 2>/dev/null || { echo ended; tail -c 2000 ${folder}/log; }`;
  const answer = await pod.shell(script).catch(() => "");
  if (answer.startsWith("ended")) throw new Error(`The runner's stand-in ended without a result: ${answer}`);
  return answer === "" ? undefined : (JSON.parse(answer) as JobRecord);
}

/** The record of a step by its name; throws when it never came to it. */
export function stepOf(job: JobRecord, name: string, stage: StepRecord["stage"] = "main"): StepRecord {
  const found = job.steps.find((step) => step.name === name && step.stage === stage);
  if (found === undefined) {
    const known = job.steps.map((step) => `${step.name} (${step.stage}): ${step.conclusion}`).join("; ");
    throw new Error(`The job has no ${stage} stage of "${name}": ${known}`);
  }
  return found;
}
