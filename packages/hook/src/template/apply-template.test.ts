import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { applyTemplate } from "./apply-template.ts";
import type { ExtensibleContainers } from "./merge-containers.ts";
import { parsePodTemplate } from "./parse-pod-template.ts";

const shared = [{ name: "work", mountPath: "/__w" }];
const JOB_POD: V1Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "arc-workflow",
    labels: { "runner-pod": "arc", "slipway.dev/step": "s" },
    ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "arc", uid: "u" }],
  },
  spec: {
    restartPolicy: "Never",
    nodeName: "node-1",
    nodeSelector: { arch: "amd64" },
    securityContext: { fsGroup: 1001, seccompProfile: { type: "RuntimeDefault" } },
    imagePullSecrets: [{ name: "generated" }],
    tolerations: [{ key: "ours", operator: "Exists" }],
    initContainers: [{ name: "install", image: "runner:1" }],
    containers: [
      {
        name: "job",
        image: "node:22",
        command: ["/__slipway/ld.so"],
        workingDir: "/",
        env: [
          { name: "CI", value: "true" },
          { name: "GITHUB_ACTIONS", value: "true" },
        ],
        ports: [{ containerPort: 80 }],
        volumeMounts: [
          ...shared,
          { name: "runtime", mountPath: "/__e", subPath: "externals", readOnly: true },
        ],
      },
      { name: "redis", image: "redis:7", command: ["redis-server"], volumeMounts: shared },
      { name: "sync", image: "runner:1", resources: { limits: { memory: "512Mi" } } },
    ],
    volumes: [
      { name: "work", emptyDir: {} },
      { name: "runtime", emptyDir: {} },
    ],
  },
};
const NAMES: ExtensibleContainers = { job: "job", services: ["redis"] };

async function apply(yaml: string, names = NAMES) {
  return applyTemplate(JOB_POD, await parsePodTemplate(yaml, "/t.yaml"), names);
}

/** The template of one container, as the body of its list entry. */
const container = (fields: string) => `spec:\n  containers:\n    - { ${fields} }`;
const inJob = (fields: string) => container(`name: $job, ${fields}`);

async function containerAfter(yaml: string, name: string) {
  const { pod, warnings } = await apply(yaml);
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return { container: all.find((one) => one.name === name), warnings };
}

const ignored = (key: string, name = "$job") =>
  expect.stringMatching(new RegExp(`^The pod template's ${key} of \\${name} is not used: `));

describe("applyTemplate", () => {
  it("leaves a pod as it is with an empty template, and shares nothing with it", async () => {
    const { pod, warnings } = await apply("{}");
    expect(pod).toEqual(JOB_POD);
    expect(warnings).toEqual([]);
    expect(pod.spec?.containers[0]?.volumeMounts).not.toBe(JOB_POD.spec?.containers[0]?.volumeMounts);
  });

  it("changes neither pod nor template, and mounts of the job do not get into services", async () => {
    const before = structuredClone(JOB_POD);
    const template = await parsePodTemplate(
      inJob("volumeMounts: [{ name: cache, mountPath: /cache }]"),
      "/t.yaml",
    );
    const templateBefore = structuredClone(template);
    const [first, second] = [1, 2].map(() => applyTemplate(JOB_POD, template, NAMES).pod);
    expect(JOB_POD).toEqual(before);
    expect(template).toEqual(templateBefore);
    expect(second).toEqual(first);
    expect(second?.spec?.containers[0]?.volumeMounts).toHaveLength(3);
    expect(second?.spec?.containers[1]?.volumeMounts).toEqual(shared);
  });

  it("serves the pod template of a Job", async () => {
    const template = await parsePodTemplate("spec: { priorityClassName: high }", "/t.yaml");
    const { metadata, spec } = JOB_POD;
    const shape = { metadata: metadata ?? {}, spec: spec ?? { containers: [] } };
    const { pod } = applyTemplate(shape, template, { job: "job" });
    expect(pod).toEqual({ metadata, spec: { ...spec, priorityClassName: "high" } });
  });
});

describe("metadata", () => {
  it("gets labels and annotations, and nothing else", async () => {
    const { pod, warnings } = await apply(
      "metadata: { name: other, labels: { team: a }, annotations: { note: b } }",
    );
    expect(pod.metadata).toEqual({
      ...JOB_POD.metadata,
      labels: { ...JOB_POD.metadata?.labels, team: "a" },
      annotations: { note: "b" },
    });
    expect(warnings).toEqual([expect.stringContaining("metadata.name")]);
  });

  it.each(["runner-pod", "slipway.dev/step", "slipway.dev/builder"])("keeps the label %s", async (label) => {
    const { pod, warnings } = await apply(`metadata: { labels: { ${label}: x } }`);
    expect(pod.metadata?.labels).toEqual(JOB_POD.metadata?.labels);
    expect(warnings).toEqual([`The pod template's label ${label} is not used: Slipway finds its pods by it`]);
  });

  it("overrides what is there with a warning", async () => {
    const template = await parsePodTemplate("metadata: { labels: { team: b } }", "/t.yaml");
    const base = { ...JOB_POD, metadata: { labels: { team: "a" } } };
    const { pod, warnings } = applyTemplate(base, template, NAMES);
    expect(pod.metadata).toEqual({ labels: { team: "b" } });
    expect(warnings).toEqual(['The pod template\'s label team replaces "a"']);
  });
});

describe("the spec", () => {
  it.each([
    [
      "appends volumes",
      "volumes: [{ name: cache }]",
      { volumes: [{ name: "work" }, { name: "runtime" }, { name: "cache" }] },
    ],
    [
      "puts init containers behind ours",
      "initContainers: [{ name: warm, image: a }]",
      { initContainers: [{ name: "install" }, { name: "warm", image: "a" }] },
    ],
    [
      "unites pull secrets",
      "imagePullSecrets: [{ name: generated }, { name: mine }]",
      { imagePullSecrets: [{ name: "generated" }, { name: "mine" }] },
    ],
    [
      "appends tolerations",
      "tolerations: [{ key: theirs }]",
      { tolerations: [{ key: "ours" }, { key: "theirs" }] },
    ],
    [
      "merges the security context key by key",
      "securityContext: { fsGroup: 2000, runAsUser: 1 }",
      { securityContext: { fsGroup: 2000, runAsUser: 1, seccompProfile: { type: "RuntimeDefault" } } },
    ],
    [
      "merges the node selector",
      "nodeSelector: { gpu: yes }",
      { nodeSelector: { arch: "amd64", gpu: "yes" } },
    ],
    ["replaces a value", "nodeName: node-2", { nodeName: "node-2" }],
    ["takes nothing away from a list", "volumes: ", { volumes: [{ name: "work" }, { name: "runtime" }] }],
    [
      "adds what was not there",
      "serviceAccountName: deployer, priority: 3, affinity: { nodeAffinity: {} }",
      { serviceAccountName: "deployer", priority: 3, affinity: { nodeAffinity: {} } },
    ],
    ["passes on an unknown key", "quantum: [1]", { quantum: [1] }],
    ["keeps restartPolicy", "restartPolicy: Never", { restartPolicy: "Never" }],
  ])("%s", async (_, spec, expected) => {
    const { pod } = await apply(`spec: { ${spec} }`);
    expect(pod.spec).toMatchObject(expected);
    expect({ ...pod.spec, ...JOB_POD.spec, ...expected }).toEqual({ ...JOB_POD.spec, ...expected });
  });

  it("takes a value away where the template leaves it empty, but nothing of what is merged", async () => {
    const { pod } = await apply("spec: { nodeName: , securityContext: }");
    const { nodeName, ...rest } = JOB_POD.spec ?? { containers: [] };
    expect(pod.spec).toStrictEqual(rest);
  });

  it("keeps our restartPolicy, with a warning where the template's is another", async () => {
    const { pod, warnings } = await apply("spec: { restartPolicy: Always }");
    expect(pod.spec?.restartPolicy).toBe("Never");
    expect(warnings).toEqual([expect.stringContaining("restartPolicy Always is not used")]);
    expect((await apply("spec: { restartPolicy: Never }")).warnings).toEqual([]);
  });

  it.each([
    ["a volume of ours", "volumes: [{ name: work }]", 'has a volume "work"'],
    [
      "a sidecar with the name of a service",
      "containers: [{ name: redis, image: a }]",
      'has a container "redis"',
    ],
    ["a sidecar with the name of ours", "containers: [{ name: sync, image: a }]", 'has a container "sync"'],
    ["an init container with the name of ours", "initContainers: [{ name: install, image: a }]", '"install"'],
    [
      "an init container with the name of a sidecar",
      "initContainers: [{ name: a, image: a }], containers: [{ name: a, image: a }]",
      '"a"',
    ],
  ])("refuses %s", async (_, spec, message) => {
    await expect(apply(`spec: { ${spec} }`)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(new RegExp(`/t\\.yaml.*${message}`)),
      remedy: expect.stringMatching(/\w/),
    });
  });
});

describe("containers", () => {
  it("get sidecars behind them", async () => {
    const { pod } = await apply(container("name: proxy, image: envoy"));
    expect(pod.spec?.containers.map(({ name }) => name)).toEqual(["job", "redis", "sync", "proxy"]);
    expect(pod.spec?.containers[3]).toEqual({ name: "proxy", image: "envoy" });
  });

  it("say which names there are where the template has another", async () => {
    const { pod, warnings } = await apply(container("name: $postgres, tty: true"));
    expect(pod).toEqual(JOB_POD);
    expect(warnings).toEqual([
      "The pod template's container $postgres is not used: this pod has $job, $redis, $sync, $install",
    ]);
  });

  it("do not miss a service in a pod that never has any", async () => {
    const { pod, warnings } = await apply(container("name: $redis, tty: true"), { job: "redis" });
    expect(pod).toEqual(JOB_POD);
    expect(warnings).toEqual([]);
  });

  it("are found by $job whatever the job's is called", async () => {
    const { pod } = await apply(inJob("tty: true"), { job: "redis" });
    expect(pod.spec?.containers.map(({ tty }) => tty)).toEqual([undefined, true, undefined]);
  });
});

describe("a container", () => {
  it.each([
    [
      "gets variables, of which the template's wins",
      "env: [{ name: A, value: a }, { name: CI, value: 'no' }, { name: A, value: b }]",
      {
        env: [
          { name: "GITHUB_ACTIONS", value: "true" },
          { name: "A", value: "b" },
          { name: "CI", value: "no" },
        ],
      },
    ],
    [
      "gets sources of variables",
      "envFrom: [{ secretRef: { name: a } }]",
      { envFrom: [{ secretRef: { name: "a" } }] },
    ],
    [
      "gets ports",
      "ports: [{ containerPort: 90 }]",
      { ports: [{ containerPort: 80 }, { containerPort: 90 }] },
    ],
    [
      "gets mounts",
      "volumeMounts: [{ name: cache, mountPath: /__w/cache }]",
      {
        volumeMounts: [
          { mountPath: "/__w" },
          { mountPath: "/__e" },
          { mountPath: "/__w/cache", name: "cache" },
        ],
      },
    ],
    ["gets resources", "resources: { limits: { cpu: 1 } }", { resources: { limits: { cpu: 1 } } }],
    ["gets another working directory", "workingDir: /tmp", { workingDir: "/tmp" }],
    ["keeps lists that the template leaves empty", "ports: ", { ports: [{ containerPort: 80 }] }],
    [
      "gets anything else",
      "securityContext: { privileged: true }, lifecycle: { postStart: {} }, imagePullPolicy: Always",
      { securityContext: { privileged: true }, lifecycle: { postStart: {} }, imagePullPolicy: "Always" },
    ],
  ])("%s", async (_, fields, expected) => {
    const { container: job, warnings } = await containerAfter(inJob(fields), "job");
    expect(job).toMatchObject({ name: "job", image: "node:22", command: ["/__slipway/ld.so"], ...expected });
    expect(warnings).toEqual([]);
  });

  it("loses what the template leaves empty", async () => {
    const { container: job } = await containerAfter(inJob("workingDir: "), "job");
    expect(job).not.toHaveProperty("workingDir");
  });

  it.each([
    ["image", "image: busybox"],
    ["command", "command: [sh]"],
    ["args", "args: [a]"],
  ])("of the job keeps its %s, with a warning", async (key, fields) => {
    const { container: job, warnings } = await containerAfter(inJob(fields), "job");
    expect(job).toEqual(JOB_POD.spec?.containers[0]);
    expect(warnings).toEqual([ignored(key)]);
  });

  it("of a service can have another command, but no other image", async () => {
    const yaml = container("name: $redis, image: other, command: [sh], args: [a]");
    const { container: redis, warnings } = await containerAfter(yaml, "redis");
    expect(redis).toEqual({ ...JOB_POD.spec?.containers[1], command: ["sh"], args: ["a"] });
    expect(warnings).toEqual([ignored("image", "$redis")]);
  });

  it.each(["sync", "install"])("of our own, %s, takes resources only", async (name) => {
    const yaml = container(`name: $${name}, resources: { limits: { memory: 1Gi } }, command: [sh]`);
    const { container: own, warnings } = await containerAfter(yaml, name);
    expect(own).toEqual({ name, image: "runner:1", resources: { limits: { memory: "1Gi" } } });
    expect(warnings).toEqual([ignored("command", `$${name}`)]);
  });

  it.each([
    ["/__w", "/__w"],
    ["/__w/", "/__w"],
    ["/__e/node20", "/__e"],
  ])("refuses a mount at %s", async (path, taken) => {
    await expect(apply(inJob(`volumeMounts: [{ name: cache, mountPath: ${path} }]`))).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: `The pod template /t.yaml mounts "cache" at ${path} in container "job", where the pod's own ${taken} is`,
    });
  });
});
