import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { V1Container, V1EnvVar, V1PodSpec, V1VolumeMount } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { parsePodTemplate, readPodTemplate } from "./parse-pod-template.ts";
import {
  CONTAINER_FIELDS,
  ENV_FIELDS,
  type FieldKind,
  type Fields,
  MOUNT_FIELDS,
  POD_SPEC_FIELDS,
} from "./pod-fields.ts";

const parse = (text: string) => parsePodTemplate(text, "/t/template.yaml");

/** The example of the official hook's documentation, in our words. */
const EXAMPLE = `
apiVersion: v1
kind: PodTemplate
metadata:
  annotations:
    team: "build"
  labels:
    cost: "42"
spec:
  restartPolicy: Never
  securityContext: { fsGroup: 2000 }
  containers:
    - name: $job # the container of the job
      env: &env
        - name: PROXY
          value: http://proxy:3128
      resources: { requests: { cpu: 500m } }
    - name: $redis
      env: *env
    - name: side
      image: busybox:1
      command: [sleep, infinity]
  volumes:
    - name: cache
      emptyDir: {}
`;

describe("parsePodTemplate", () => {
  it("reads metadata, containers and the rest of the spec", async () => {
    const template = await parse(EXAMPLE);
    expect(template).toMatchObject({
      path: "/t/template.yaml",
      labels: { cost: "42" },
      annotations: { team: "build" },
      containers: [
        { name: "$job", env: [{ name: "PROXY", value: "http://proxy:3128" }] },
        { name: "$redis", env: [{ name: "PROXY", value: "http://proxy:3128" }] },
        { name: "side", command: ["sleep", "infinity"] },
      ],
      spec: {
        restartPolicy: "Never",
        securityContext: { fsGroup: 2000 },
        volumes: [{ name: "cache", emptyDir: {} }],
      },
      warnings: [],
    });
  });

  it.each([
    ["JSON", '{"spec":{"hostNetwork":true}}', { spec: { hostNetwork: true } }],
    ["merge keys", "spec:\n  <<: { hostNetwork: true }\n  hostPID: false", { spec: { hostNetwork: true } }],
    ["a taken away value", "spec:\n  nodeName:\n", { spec: { nodeName: null } }],
    ["a template without a spec", "metadata: { labels: { a: b } }", { labels: { a: "b" }, containers: [] }],
    ["lists without entries", "spec: { containers: , volumes: }", { containers: [] }],
    ["yes as text", "metadata: { labels: { a: yes } }", { labels: { a: "yes" } }],
  ])("takes %s", async (_, text, expected) => {
    expect(await parse(text)).toMatchObject(expected);
  });

  it.each([
    ["nothing", "", "there is no pod template in it"],
    ["comments only", "# spec:\n", "there is no pod template in it"],
    ["a list", "- spec: {}\n", "there is no pod template in it"],
    ["no YAML", "metadata:\n  labels: {a: b\nspec: {}\n", "line 3: "],
    ["two documents", "spec: {}\n---\nspec: {}\n", "line 2: "],
    ["a key twice", "spec:\n  volumes: []\n  volumes: []\n", "line 3: "],
    ["a misspelt top", "spce: {}", "line 1: spce is not a field; did you mean spec?"],
    [
      "a misspelt part of metadata",
      "metadata:\n  label: {}",
      "line 2: metadata.label is not a field; did you mean labels?",
    ],
    [
      "a misspelt key",
      "spec:\n  container: []",
      "line 2: spec.container is not a field; did you mean containers?",
    ],
    ["letter case", "spec:\n  Volumes: []", "line 2: spec.Volumes is not a field; did you mean volumes?"],
    [
      "another way to write",
      "spec:\n  image_pull_secrets: []",
      "line 2: spec.image_pull_secrets is not a field; did you mean imagePullSecrets?",
    ],
    [
      "a misspelt key of a container",
      "spec:\n  containers:\n    - name: $job\n      enviroment: []\n      envfrom: []",
      "line 5: spec.containers[0].envfrom is not a field; did you mean envFrom?",
    ],
    [
      "a misspelt key of an init container",
      "spec:\n  initContainers:\n    - name: a\n      images: b",
      "line 4: spec.initContainers[0].images is not a field; did you mean image?",
    ],
    [
      "a misspelt key of a variable",
      "spec:\n  containers:\n    - name: $job\n      env:\n      - name: A\n        values: b",
      "line 6: spec.containers[0].env[0].values is not a field; did you mean value?",
    ],
    [
      "a number as a variable",
      "spec:\n  containers:\n    - name: $job\n      env:\n      - name: A\n        value: 1",
      'line 6: spec.containers[0].env[0].value must be text: write "1" in quotes',
    ],
    [
      "a number as a label",
      "metadata:\n  labels:\n    a: 1",
      'line 3: metadata.labels.a must be text: write "1" in quotes',
    ],
    [
      "an object for a list",
      "spec:\n  containers:\n    name: $job",
      "line 2: spec.containers must be a list of objects",
    ],
    [
      "a text in a list of objects",
      "spec:\n  containers:\n    - $job",
      "line 3: spec.containers[0] must be an object",
    ],
    [
      "nothing in a list of objects",
      "spec:\n  volumes:\n    - ",
      "line 3: spec.volumes[0] must be an object",
    ],
    [
      "a text for a list",
      "spec:\n  containers:\n  - name: a\n    image: b\n    command: sh",
      "line 5: spec.containers[0].command must be a list of texts",
    ],
    ["a text for a number", "spec:\n  priority: high", "line 2: spec.priority must be a number"],
    ["a text for a switch", "spec:\n  hostNetwork: yes", "line 2: spec.hostNetwork must be true or false"],
    [
      "a container without a name",
      "spec:\n  containers:\n    - image: a",
      "line 3: spec.containers[0] has no name",
    ],
    [
      "a sidecar without an image",
      "spec:\n  containers:\n    - name: a",
      'line 3: spec.containers[0] ("a") has no image',
    ],
    [
      "an extension twice",
      "spec:\n  containers:\n    - name: $job\n    - name: $job",
      'line 4: spec.containers has "$job" twice',
    ],
    [
      "a volume twice",
      "spec:\n  volumes:\n    - name: a\n    - name: a",
      'line 4: spec.volumes has "a" twice',
    ],
    [
      "an extension among the init containers",
      "spec:\n  initContainers:\n    - name: $job",
      'line 3: "$job" belongs into spec.containers',
    ],
    [
      "a mount without a path",
      "spec:\n  containers:\n    - name: $job\n      volumeMounts:\n      - name: a",
      "line 5: spec.containers[0].volumeMounts[0] has no mountPath",
    ],
  ])("refuses %s", async (_, text, message) => {
    await expect(parse(text)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(`Failed to parse /t/template.yaml: ${message}`),
      remedy: expect.stringContaining("ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE"),
    });
    await expect(parse(text)).rejects.toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  it("refuses a few lines that make gigabytes", async () => {
    const lines = Array.from(
      { length: 10 },
      (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}, *a${i}]`,
    );
    await expect(parse(["a0: &a0 [x, x]", ...lines].join("\n"))).rejects.toThrow("Failed to parse");
  });

  it("passes on what a later Kubernetes may know, and says so", async () => {
    const template = await parse(
      "metadata: { namespace: a }\nspec:\n  quantum: true\n  containers: [{ name: $job, flavour: salt }]",
    );
    expect(template).toMatchObject({ spec: { quantum: true }, containers: [{ flavour: "salt" }] });
    expect(template.warnings).toEqual([
      "The pod template's metadata.namespace is not known here and is not used",
      "The pod template's spec.quantum is not known here and is passed on as it is",
      "The pod template's spec.containers[0].flavour is not known here and is passed on as it is",
    ]);
  });
});

describe("readPodTemplate", () => {
  it("reads the file", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "slipway-")), "template.yaml");
    await writeFile(file, EXAMPLE);
    expect((await readPodTemplate(file)).path).toBe(file);
  });

  it("says which file cannot be read, and why", async () => {
    await expect(readPodTemplate("/nonexistent/t.yaml")).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(/^Failed to parse \/nonexistent\/t\.yaml: ENOENT/),
      cause: expect.objectContaining({ code: "ENOENT" }),
    });
  });
});

describe("the tables of fields", () => {
  it.each([
    ["PodSpec", POD_SPEC_FIELDS, V1PodSpec],
    ["Container", CONTAINER_FIELDS, V1Container],
    ["EnvVar", ENV_FIELDS, V1EnvVar],
    ["VolumeMount", MOUNT_FIELDS, V1VolumeMount],
  ])("have what the API has: %s", (_, fields, model) => {
    const expected = model.getAttributeTypeMap().map(({ baseName, type }) => [baseName, kindOf(type)]);
    expect({ ...fields, overhead: "map" }).toMatchObject(Object.fromEntries(expected) as Fields);
    expect(Object.keys(fields).sort()).toEqual(expected.map(([name]) => name).sort());
  });
});

function kindOf(type: string): FieldKind {
  if (type === "string") return "text";
  if (type === "number" || type === "boolean") return type;
  if (type === "Array<string>") return "texts";
  if (type.startsWith("Array<")) return "objects";
  return type.startsWith("{") ? "map" : "object";
}
