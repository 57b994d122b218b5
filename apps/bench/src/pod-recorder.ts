import { setTimeout as delay } from "node:timers/promises";
import type { Testbed } from "@slipway/testbed";
import { asSent, type RecordedObject, type Recording } from "./bare/recording.ts";

interface Listed extends RecordedObject {
  readonly kind: string;
}

/** Watches what a runner's hook makes while `run` runs, and returns it as it was sent. */
export async function recordObjects(
  testbed: Testbed,
  runnerPod: string,
  run: () => Promise<unknown>,
): Promise<Recording> {
  const seen = new Map<string, Listed>();
  const running = run();
  let over = false;
  const ended = running.finally(() => {
    over = true;
  });
  while (!over) {
    for (const object of await list(testbed, runnerPod))
      seen.set(`${object.kind}/${object.metadata.name}`, object);
    await delay(100);
  }
  await ended;
  return recordingOf([...seen.values()]);
}

async function list(testbed: Testbed, runnerPod: string): Promise<Listed[]> {
  const args = [
    "-n",
    testbed.namespace,
    "get",
    "pods,secrets,jobs",
    "-l",
    `runner-pod=${runnerPod}`,
    "-o",
    "json",
  ];
  return (JSON.parse(await testbed.runKubectl(args)) as { items: Listed[] }).items;
}

function recordingOf(objects: readonly Listed[]): Recording {
  const buildPod = objects.find(({ kind, metadata }) => kind === "Pod" && metadata.name.includes("-build-"));
  const stepJob = objects.find(({ kind }) => kind === "Job");
  const stepSecret = objects.find(({ kind }) => kind === "Secret");
  if (stepJob === undefined || stepSecret === undefined)
    throw new Error("The recorded run made no Job and Secret");
  return {
    ...(buildPod === undefined ? {} : { buildPod: asSent(buildPod) }),
    stepJob: asSent(stepJob),
    stepSecret: asSent(stepSecret),
  };
}
