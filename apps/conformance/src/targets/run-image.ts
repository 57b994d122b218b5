import { randomBytes } from "node:crypto";
import type { BuiltReference, ImageRun, RunImage, RunWanted } from "@slipway/conformance";
import { parseReference } from "@slipway/core";
import {
  containerEnd,
  followLog,
  type KubeApi,
  literal,
  type ObjectOf,
  podFailure,
  waitForPod,
} from "@slipway/kube";
import { patientClock } from "./patient-clock.ts";
import { REGISTRY_SECRET, type TestNamespace } from "./test-namespace.ts";

const CONTAINER = "image";
const LIMIT_MS = 120_000;
const MAX_OUTPUT_BYTES = 1 << 20;

/** Runs images in pods of a namespace, as the kubelet pulls them from `pullHost`. */
export function podRunner({ api }: TestNamespace, pullHost: string): RunImage {
  return async (image, wanted, signal) => {
    const pod = runPod(image, wanted, pullHost);
    const name = pod.metadata?.name ?? "";
    try {
      await api.create("pods", pod, signal);
      return await endOf(api, name, signal);
    } finally {
      // Not with the caller's signal: what was started is removed after a cancel as well.
      await api.delete("pods", name, { graceSeconds: 0 });
    }
  };
}

async function endOf(api: KubeApi, name: string, signal: AbortSignal): Promise<ImageRun> {
  const ended = await waitForPod(api, name, {
    until: (pod) => containerEnd(pod, CONTAINER) !== undefined,
    failureOf: (pod, waitedSeconds) => podFailure(pod, { waitedSeconds, userContainer: CONTAINER }),
    timeoutMs: LIMIT_MS,
    signal,
    clock: patientClock,
  });
  const chunks: Buffer[] = [];
  let length = 0;
  await followLog(api, name, CONTAINER, {
    onLine: (line, terminated) => {
      if (length < MAX_OUTPUT_BYTES) chunks.push(line, Buffer.from(terminated ? "\n" : ""));
      length += line.length + 1;
    },
    signal,
  });
  const output = Buffer.concat(chunks).toString("utf8").slice(0, MAX_OUTPUT_BYTES);
  return { exitCode: containerEnd(ended, CONTAINER)?.exitCode ?? -1, output };
}

function runPod(
  { destination, digest }: BuiltReference,
  wanted: RunWanted,
  pullHost: string,
): ObjectOf["pods"] {
  const { command, args, env = {} } = wanted;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `run-${randomBytes(6).toString("hex")}` },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: LIMIT_MS / 1000,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: [{ name: REGISTRY_SECRET }],
      containers: [
        {
          name: CONTAINER,
          image: `${pullHost}/${parseReference(destination).repository}@${digest}`,
          imagePullPolicy: "IfNotPresent",
          ...(command === undefined ? {} : { command: command.map(literal) }),
          ...(args === undefined ? {} : { args: args.map(literal) }),
          env: Object.entries(env).map(([name, value]) => ({ name, value: literal(value) })),
        },
      ],
    },
  };
}
