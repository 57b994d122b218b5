// In a runner pod: makes the recorded pods of one run again by bare API calls and awaits them. No checks, no retries, no explanations.
// Takes the place of the hook: JSON on stdin, the step's output on stdout, its exit code.
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { packTree, type TreeSource } from "@slipway/filetree";
import { containerEnd, containerState, createKubeApi, type KubeApi, type ObjectOf } from "@slipway/kube";
import { type Recording, renamed } from "./recording.ts";

type Pod = ObjectOf["pods"];

interface Input {
  readonly namespace: string;
  readonly node: string;
  readonly recording: Recording;
  readonly context?: string;
  readonly trees: readonly TreeSource[];
}

const POLL_MS = 50;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const input = JSON.parse(await text(process.stdin)) as Input;
const api = createKubeApi({ namespace: input.namespace, logger: silent });
const suffix = randomBytes(4).toString("hex");
const digest = input.recording.buildPod === undefined ? undefined : await build(input.recording.buildPod);
process.exitCode = await step(digest);

async function build(recorded: NonNullable<Recording["buildPod"]>): Promise<string> {
  const name = `${recorded.metadata.name.slice(0, 50)}-${suffix}`;
  await api.create("pods", { ...renamed(recorded, new Map([[recorded.metadata.name, name]])) } as Pod);
  await until(name, (pod) => containerState(pod, "receive")?.running !== undefined);
  const context = input.context ?? "";
  await unpack(name, { into: "/kaniko/input" }, [
    { from: context, to: "context" },
    { from: `${context}/Dockerfile`, to: "Dockerfile" },
  ]);
  const pod = await until(name, (current) => containerEnd(current, "push") !== undefined);
  for await (const chunk of await api.readLog(name, "build", { follow: false })) process.stdout.write(chunk);
  await api.delete("pods", name, { graceSeconds: 0 });
  const { digest: pushed } = JSON.parse(containerEnd(pod, "push")?.message ?? "{}") as { digest: string };
  return pushed;
}

async function step(digest: string | undefined): Promise<number> {
  const { stepJob, stepSecret } = input.recording;
  const names = new Map([
    [stepSecret.metadata.name, `${stepSecret.metadata.name.slice(0, 50)}-${suffix}`],
    [stepJob.metadata.name, `${stepJob.metadata.name.slice(0, 50)}-${suffix}`],
  ]);
  const secret = renamed(stepSecret, names);
  const job = withDigest(renamed(stepJob, names), digest);
  await api.create("secrets", secret as ObjectOf["secrets"]);
  await api.create("jobs", job as ObjectOf["jobs"]);
  const name = await podOf(job.metadata.name);
  await until(name, (pod) => containerState(pod, "receive")?.running !== undefined);
  await unpack(name, { into: "/slipway/work", snapshot: "/slipway/snapshot" }, input.trees);
  const pod = await until(name, (current) => containerEnd(current, "job") !== undefined);
  for await (const chunk of await api.readLog(name, "job", { follow: false })) process.stdout.write(chunk);
  await exec(name, "sync", "changes", { root: "/slipway/work", snapshot: "/slipway/snapshot" });
  await api.delete("jobs", job.metadata.name, { graceSeconds: 0 });
  await api.delete("pods", name, { graceSeconds: 0 });
  await api.delete("secrets", secret.metadata.name);
  return containerEnd(pod, "job")?.exitCode ?? 1;
}

/** The recorded Job runs the recorded image; what was just built is another. */
function withDigest<T>(job: T, digest: string | undefined): T {
  if (digest === undefined) return job;
  return JSON.parse(JSON.stringify(job).replaceAll(/sha256:[0-9a-f]{64}/g, digest)) as T;
}

async function podOf(job: string): Promise<string> {
  for (;;) {
    const [pod] = await api.list("pods", `batch.kubernetes.io/job-name=${job}`);
    if (pod?.metadata?.name !== undefined) return pod.metadata.name;
    await delay(POLL_MS);
  }
}

async function until(name: string, reached: (pod: Pod) => boolean): Promise<Pod> {
  for (;;) {
    const pod = await api.get("pods", name);
    if (pod === undefined) throw new Error(`${name} is gone`);
    if (reached(pod)) return pod;
    if (pod.status?.phase === "Failed") throw new Error(`${name} failed: ${JSON.stringify(pod.status)}`);
    await delay(POLL_MS);
  }
}

/** A container runs a moment before it has installed the agent, and its end may take the answer of `unpack` along. */
async function unpack(pod: string, options: object, trees: readonly TreeSource[]): Promise<void> {
  for (;;) {
    const { exitCode, stderr } = await exec(pod, "receive", "unpack", options, packTree(trees));
    if (exitCode === 0) return;
    if (stderr === "")
      return void (await until(pod, (current) => containerEnd(current, "receive")?.exitCode === 0));
    if (!stderr.includes("Cannot find module")) throw new Error(stderr);
    await delay(POLL_MS);
  }
}

function exec(
  pod: string,
  container: string,
  command: string,
  options: object,
  stdin?: AsyncIterable<Buffer>,
): ReturnType<KubeApi["exec"]> {
  const words = [input.node, "/slipway/agent.cjs", command, JSON.stringify(options)];
  return api.exec(pod, container, words, { stdout: ignore, ...(stdin === undefined ? {} : { stdin }) });
}

function ignore(): void {}
