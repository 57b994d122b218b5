import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { stepEnvironment } from "../container-step/step-secret.ts";
import { applyTemplate } from "../template/apply-template.ts";
import { parsePodTemplate } from "../template/parse-pod-template.ts";
import { parseCreateOptions } from "./create-options.ts";
import type { ServicePlan } from "./job-container.ts";
import { type JobPlan, jobPod, withTokenAsDecided } from "./job-pod.ts";
import { containerPorts } from "./port-mappings.ts";

const mounts = [{ name: "work", mountPath: "/__w", subPath: "__w" }];
const workflow = {
  mounts: [{ name: "work", mountPath: "/github/workflow", subPath: "__w/_temp/_github_workflow" }, ...mounts],
  options: parseCreateOptions(""),
  ports: [],
};

const plain: JobPlan = {
  name: "arc-abc-workflow",
  owner: { runnerPod: "arc-abc", uid: "0b1c" },
  agent: {
    image: "ghcr.io/actions/actions-runner:latest",
    node: "/home/runner/externals/node20/bin/node",
    source: 'console.log("$1", "$(x)")',
    imagePullSecrets: [],
  },
  externals: "/home/runner/externals",
  placement: { kind: "copy" },
  job: { ...workflow, image: "debian:12" },
  services: [],
  subPaths: ["__w", "__w/_temp/_github_workflow"],
  volumes: [],
  imagePullSecrets: [],
  jobTimeoutSeconds: 432_000,
  startSeconds: 600,
};

const shared = { kind: "shared", claim: "arc-abc-work", subPath: "", node: "node-1", pinned: true } as const;
const redis: ServicePlan = {
  ...workflow,
  name: "redis",
  image: `redis:7@sha256:${"a".repeat(64)}`,
  options: parseCreateOptions(
    "--health-cmd 'redis-cli ping | grep $PONG' --health-interval 10s --health-timeout 5s --health-retries 5 --network-alias cache",
  ),
  ports: containerPorts(["6379:6379", "53/udp"]),
  entryPoint: "/bin/$(x)",
  args: ["--appendonly", "$(yes)"],
  environment: stepEnvironment("arc-abc-secret-01234567", ["CI", "A B"]),
};

const full: JobPlan = {
  ...plain,
  job: { ...plain.job, options: parseCreateOptions("--user 1001:121"), ports: containerPorts(["8080:80"]) },
  services: [
    redis,
    { ...workflow, name: "nginx", image: "nginx", entryPoint: undefined, args: [], environment: [] },
  ],
  volumes: [{ name: "volume-0", emptyDir: {} }],
  imagePullSecrets: ["arc-abc-secret-00000001", "for-the-runner-image", "arc-abc-secret-00000001"],
};

const TEMPLATE = `
metadata:
  labels: { team: payments }
spec:
  serviceAccountName: deployer
  nodeSelector: { disk: fast }
  initContainers: [{ name: prepare, image: busybox }]
  containers:
    - name: $job
      resources: { limits: { memory: 4Gi } }
      env: [{ name: FROM_TEMPLATE, value: "1" }]
      volumeMounts: [{ name: cache, mountPath: /cache }]
    - name: $redis
      resources: { limits: { memory: 1Gi } }
    - name: sidecar
      image: vector:1
  volumes: [{ name: cache, persistentVolumeClaim: { claimName: cache } }]
`;

async function templated(plan: JobPlan): Promise<V1Pod> {
  const template = await parsePodTemplate(TEMPLATE, "/template.yaml");
  const names = { job: "job", services: plan.services.map(({ name }) => name) };
  return applyTemplate(jobPod(plan), template, names).pod;
}

describe("the job's pod", async () => {
  it.each([
    ["job-plain-copy.yaml", jobPod(plain)],
    ["job-plain-shared.yaml", jobPod({ ...plain, placement: shared, owner: { runnerPod: "arc-abc" } })],
    ["job-services.yaml", jobPod(full)],
    ["job-services-template.yaml", await templated(full)],
  ])("%s is as reviewed (UPDATE_GOLDEN=1 rewrites it)", async (file, pod) => {
    const path = join(import.meta.dirname, "../../golden", file);
    const text = stringify(withTokenAsDecided(pod), { lineWidth: 0, aliasDuplicateObjects: false });
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, text);
    expect(text).toBe(await readFile(path, "utf8"));
  });

  it.each([
    ["on the runner's node, past the scheduler", shared, { nodeName: "node-1" }],
    [
      "on the runner's node, by the scheduler",
      { ...shared, pinned: false },
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] },
              ],
            },
          },
        },
      },
    ],
    ["anywhere, where the runner's node is not known", { ...shared, node: undefined }, {}],
  ])("is put %s", (_, placement, expected) => {
    const { nodeName, affinity, securityContext } = jobPod({ ...plain, placement }).spec ?? {};
    expect({ nodeName, affinity, securityContext }).toEqual(expected);
  });

  it.each([
    ["no account", {}, false],
    ["an account", { serviceAccountName: "deployer" }, undefined],
    ["a decision", { automountServiceAccountToken: true }, true],
  ])("with %s in the template gets the token: %j %j", (_, spec, expected) => {
    const pod = withTokenAsDecided({ spec: { containers: [], ...spec } });
    expect(pod.spec?.automountServiceAccountToken).toBe(expected);
  });
});
