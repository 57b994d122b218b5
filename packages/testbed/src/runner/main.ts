// The runner's stand-in inside a runner pod: one JSON request on stdin, the hook's output on stderr as it comes, the result on stdout.
import { text } from "node:stream/consumers";
import { type JobSettings, RunnerJob, type Step } from "./runner-job.ts";

interface Request {
  readonly job: Omit<JobSettings, "env"> & { readonly env: Readonly<Record<string, string>> };
  readonly state: unknown;
  readonly step: Step;
}

const request = JSON.parse(await text(process.stdin)) as Request;
const job = new RunnerJob({ ...request.job, env: { ...process.env, ...request.job.env } }, request.state);
await job.start();
const result = await job.run(request.step, (chunk) => process.stderr.write(chunk));
process.stdout.write(JSON.stringify(result));
