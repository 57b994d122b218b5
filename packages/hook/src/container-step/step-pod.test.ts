import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { PodTemplate } from "../template/pod-template.ts";
import { stepNames } from "./step-names.ts";
import { type StepPlan, stepJob, stepPod } from "./step-pod.ts";
import { stepSecret } from "./step-secret.ts";

const mounts = [
  { subPath: "runner_temp", mountPath: "/github/runner_temp", readOnly: false },
  { subPath: "runner_temp/_github_workflow", mountPath: "/github/workflow", readOnly: true },
];

const plan: StepPlan = {
  placement: { kind: "copy" },
  template: undefined,
  mounts,
  name: "arc-abc-step-01234567",
  secretName: "arc-abc-secret-01234567",
  image: `localhost:31500/hello-world@sha256:${"a".repeat(64)}`,
  imagePullSecrets: ["slipway-registry", "for-the-runner-image"],
  entryPoint: undefined,
  args: ["hello world", "$(hostname)", "it's", "$$", ""],
  workingDirectory: "/github/workspace",
  variables: ["INPUT_WHO-TO-GREET", "HOME"],
  folders: {
    workFolder: "/home/runner/_work",
    trees: [{ name: "runner_temp", source: "/home/runner/_work/_temp", readOnly: false }],
    mounts,
    worldWritable: [],
  },
  agent: {
    image: "ghcr.io/actions/actions-runner:latest",
    node: "/home/runner/externals/node20/bin/node",
    source: 'console.log("$1", "$(x)")',
    imagePullSecrets: ["for-the-runner-image"],
  },
  owner: { runnerPod: "arc-abc", uid: "0b1c" },
  deadlineSeconds: 21_600,
  receiveSeconds: 600,
};

const claim = { kind: "shared", claim: "arc-abc-work", subPath: "", node: "node-1", pinned: true } as const;

const template: PodTemplate = {
  path: "/template.yaml",
  labels: { team: "a", "runner-pod": "other" },
  annotations: {},
  containers: [
    { name: "$job", env: [{ name: "EXTRA", value: "1" }], resources: { limits: { memory: "1Gi" } } },
    { name: "proxy", image: "proxy:1" },
  ],
  spec: { serviceAccountName: "builds", imagePullSecrets: [{ name: "team-a" }] },
  warnings: [],
};

describe("the step's objects", () => {
  it.each([
    ["step-job-own-entry-point.yaml", stepJob(plan)],
    [
      "step-pod-given-entry-point.yaml",
      stepPod({ ...plan, entryPoint: "/bin/$(x)", args: [], owner: { runnerPod: "arc-abc" } }),
    ],
    [
      "step-job-shared.yaml",
      stepJob({
        ...plan,
        placement: claim,
        mounts: [
          { subPath: "", mountPath: "/__w", readOnly: false },
          { subPath: "_temp/_github_workflow", mountPath: "/github/workflow", readOnly: true },
        ],
      }),
    ],
    ["step-pod-shared-scheduled.yaml", stepPod({ ...plan, placement: { ...claim, pinned: false } })],
    ["step-job-template.yaml", stepJob({ ...plan, template })],
    [
      "step-secret.yaml",
      stepSecret(
        plan.secretName,
        { "INPUT_WHO-TO-GREET": "Mona\nLisa $(x)", "INPUT_MY NAME": "", HOME: "/github/home" },
        plan.owner,
      ),
    ],
  ])("%s is as reviewed (UPDATE_GOLDEN=1 rewrites it)", async (file, object) => {
    const path = join(import.meta.dirname, "../../golden", file);
    const text = stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, text);
    expect(text).toBe(await readFile(path, "utf8"));
  });

  it("leaves it to the cluster when a tag is pulled again", () => {
    const policyOf = (image: string) => stepPod({ ...plan, image }).spec?.containers[0]?.imagePullPolicy;
    expect([policyOf(plan.image), policyOf("busybox:latest")]).toEqual(["IfNotPresent", undefined]);
  });

  it("leaves entry point and arguments to the image where none are given", () => {
    const job = stepPod({ ...plan, args: [] }).spec?.containers[0];
    expect(job).not.toHaveProperty("command");
    expect(job).not.toHaveProperty("args");
  });
});

describe("stepSecret", () => {
  it.each([
    ["an equals sign", { "A=B": "x" }, '"A=B" has "="'],
    ["NUL in a name", { "A\0": "x" }, "NUL in its name"],
    ["NUL in a value", { A: "x\0" }, 'value of the environment variable "A" contains NUL'],
    ["no name", { "": "x" }, "has no name"],
    ["more than 1 MiB", { SMALL: "x", BIG: "ü".repeat(600_000) }, "the largest variable is BIG"],
  ])("refuses %s", (_, environment, message) => {
    expect(() => stepSecret("s", environment, plan.owner)).toThrow(message);
  });

  it("takes exactly 1 MiB", () => {
    expect(stepSecret("s", { A: "x".repeat(1024 * 1024) }, plan.owner).immutable).toBe(true);
  });
});

describe("stepNames", () => {
  it.each([
    ["arc-abc", "arc-abc-step-01234567"],
    ["a".repeat(63), `${"a".repeat(49)}-step-01234567`],
    [`${"a".repeat(48)}-b`, `${"a".repeat(48)}-step-01234567`],
  ])("makes a legal name from %s", (runnerPod, pod) => {
    expect(stepNames(runnerPod, "01234567").pod).toBe(pod);
  });
});
