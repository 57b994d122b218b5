import { randomBytes } from "node:crypto";
import type { Testbed } from "./testbed.ts";
import { waitUntil } from "./wait-until.ts";

const NAMESPACE = "default";
const BACK_WITHIN_MS = 120_000;

/**
 * Kills the process of the API server, from a pod beside it that sees the node's processes; the kubelet starts it anew. Settles when it
 * answers again. Everything in the cluster notices.
 */
export async function restartApiServer(testbed: Testbed): Promise<void> {
  const [node, image] = await Promise.all([controlPlane(testbed), testbed.agentImage]);
  const name = `restart-api-server-${randomBytes(3).toString("hex")}`;
  const before = await startedAt(testbed);
  await testbed.runKubectl(["-n", NAMESPACE, "create", "-f", "-"], { input: killerPod(name, node, image) });
  await waitUntil("the API server, started anew", BACK_WITHIN_MS, async () => {
    const now = await startedAt(testbed).catch(() => undefined);
    return now === undefined || now === before ? undefined : true;
  });
  await testbed.runKubectl(["-n", NAMESPACE, "delete", "pod", name, "--now", "--wait=false"]);
}

/** Of the process that answers: the metric is its own. */
async function startedAt(testbed: Testbed): Promise<string> {
  const metrics = await testbed.runKubectl(["--request-timeout=5s", "get", "--raw", "/metrics"]);
  const start = /^process_start_time_seconds (\S+)/m.exec(metrics)?.[1];
  if (start === undefined) throw new Error("The API server does not say when it started");
  return start;
}

async function controlPlane(testbed: Testbed): Promise<string> {
  const selector = ["-n", "kube-system", "-l", "component=kube-apiserver"];
  return testbed.runKubectl(["get", "pods", ...selector, "-o", "jsonpath={.items[0].spec.nodeName}"]);
}

function killerPod(name: string, nodeName: string, image: string): string {
  // By /proc: not every image of a runner has pkill.
  const script = `for comm in /proc/[0-9]*/comm; do
    if read -r program < $comm && [ "$program" = kube-apiserver ]; then pid=\${comm%/comm}; kill -9 "\${pid#/proc/}"; fi
  done`;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      nodeName,
      hostPID: true,
      restartPolicy: "Never",
      containers: [
        {
          name: "kill",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["sh", "-c", script],
          securityContext: { runAsUser: 0 },
        },
      ],
    },
  });
}
