import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { BuildError, type Logger } from "@slipway/core";
import { ApiServer, apiFor, ManualClock, type ScriptedPod } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StepOutput } from "../output/step-output.ts";
import { readSettings } from "../settings.ts";
import { ScriptedAgent } from "../testing/scripted-agent.ts";
import type { WorkPlacement } from "../work/work-placement.ts";
import { prepareJob } from "./prepare-job.ts";

let server: ApiServer;
let agent: ScriptedAgent;
let work: string;
let cancellation: AbortController;
let placement: WorkPlacement;
/** stdout, and what goes to the log, in one. */
let printed: string;

beforeEach(async () => {
  server = await ApiServer.start();
  agent = new ScriptedAgent();
  server.onExec((call) => agent.serve(call));
  cancellation = new AbortController();
  placement = { kind: "copy" };
  printed = "";
  work = join(await mkdtemp(join(tmpdir(), "slipway-prepare-")), "_work");
  await mkdir(join(work, "_temp/_runner_hook_responses"), { recursive: true });
  await mkdir(join(work, "repo/repo"), { recursive: true });
  await writeFile(join(work, "repo/repo/hello.txt"), "hello from the runner");
});
afterEach(() => server.stop());

/** What the kubelet does with the job's pod. */
function kubelet(script: (pod: ScriptedPod) => void = online): void {
  server.onCreate((resource, { metadata }) => {
    if (resource === "pods") script(server.pod(metadata.name));
  });
}

function online(pod: ScriptedPod): void {
  pod.terminated("install", 0).phase("Running");
  for (const { name } of pod.pod.spec?.containers ?? []) pod.running(name);
}

function ready(pod: ScriptedPod, container: string): void {
  const status = pod.status.containerStatuses?.find(({ name }) => name === container);
  if (status !== undefined) status.ready = true;
}

interface Ended {
  readonly exitCode: number | undefined;
  readonly error: BuildError | undefined;
  readonly response: unknown;
}

async function prepare(args: object, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const stdout = new PassThrough();
  stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString("utf8");
  });
  const output = new StepOutput(stdout);
  const say = (message: string) => void output.line(`log: ${message}`);
  const logger: Logger = { debug: () => undefined, info: say, warn: say, error: say };
  const clock = new ManualClock({ running: true });
  const responseFile = join(work, "_temp/_runner_hook_responses/1.json");
  const settings = readSettings({
    ACTIONS_RUNNER_POD_NAME: "arc-1",
    RUNNER_WORKSPACE: join(work, "repo"),
    ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS: "30",
    ...env,
  });
  const owner = { runnerPod: "arc-1", uid: "u" };
  const runtime = { image: "runner:1", node: "/node", source: "", imagePullSecrets: ["runner-image"] };
  let exitCode: number | undefined;
  let error: BuildError | undefined;
  try {
    exitCode = await prepareJob(
      { args, state: {}, responseFile },
      {
        settings,
        runner: async () => ({ owner, agent: runtime, placement, nodeName: "node-1" }),
        api: apiFor(server, { clock }),
        logger,
        output,
        signal: cancellation.signal,
        clock,
      },
    );
  } catch (caught) {
    error = caught as BuildError;
  }
  const file = await readFile(responseFile, "utf8").catch(() => "");
  return { exitCode, error, response: file === "" ? undefined : JSON.parse(file) };
}

const container = { image: "debian:12", environmentVariables: { HOME: "/github/home", A: "job" } };

function left(): string[] {
  return ["pods", "secrets"].flatMap((resource) =>
    server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

function requests(): string[] {
  return server.requests.map(({ verb, resource }) => `${verb} ${resource}`);
}

describe("a job that can be prepared", () => {
  it("is told to the runner, with its pod, its placement and its services", async () => {
    kubelet();
    const services = [{ image: "redis:7", portMappings: ["6379:6379"] }, { image: "redis" }];
    const { exitCode, response } = await prepare({ container, services });
    expect(exitCode).toBe(0);
    const [pod] = server.objects("pods");
    expect(response).toEqual({
      state: {
        jobPod: "arc-1-workflow",
        slipway: {
          job: {
            pod: "arc-1-workflow",
            uid: pod?.metadata.uid,
            agentNode: "/node",
            placement: { kind: "copy" },
          },
        },
      },
      isAlpine: true,
      context: {
        container: { image: "debian:12", ports: {} },
        services: [
          { image: "redis:7", ports: { "6379": "6379" } },
          { image: "redis", ports: {} },
        ],
      },
    });
    const names = server.pod("arc-1-workflow").pod.spec?.containers.map(({ name }) => name);
    expect(names).toEqual(["sync", "job", "redis-0", "redis-1"]);
  });

  it("gets the work folder and its variables in one session, without HOME", async () => {
    kubelet();
    await prepare({
      container: { ...container, createOptions: "-e B=option", entryPoint: "run", entryPointArgs: ["x"] },
    });
    expect(agent.requests).toEqual([
      {
        kind: "begin",
        environment: { A: "job", B: "option" },
        main: { entryPoint: "run", args: ["x"] },
        files: true,
      },
    ]);
    expect(agent.received).toEqual([expect.stringContaining("hello from the runner")]);
    expect(requests()).toEqual(["list pods", "create pods", "get pods", "create pods/exec"].map(execAsSeen));
  });

  it("sends no files where they are shared", async () => {
    placement = { kind: "shared", claim: "arc-1-work", subPath: "", node: "node-1", pinned: true };
    kubelet();
    const { response } = await prepare({ container });
    expect(agent.requests).toEqual([{ kind: "begin", environment: { A: "job" }, files: false }]);
    expect(agent.received).toEqual([]);
    expect(response).toMatchObject({ state: { slipway: { job: { placement } } } });
  });

  it("takes the place of what an earlier job of the runner left, and of nothing else", async () => {
    server.addPod({ metadata: { name: "arc-1-workflow", labels: { "runner-pod": "arc-1" } } });
    server.addPod({ metadata: { name: "arc-1", labels: { "runner-pod": "arc-1" } } });
    server.addPod({ metadata: { name: "arc-2-workflow", labels: { "runner-pod": "arc-2" } } });
    kubelet();
    const { exitCode } = await prepare({ container });
    expect(exitCode).toBe(0);
    expect(left()).toEqual(["arc-1", "arc-2-workflow", "arc-1-workflow"]);
  });

  it("keeps variables of services and passwords in Secrets, and masks passwords before all else", async () => {
    kubelet();
    const registry = { username: "mona", password: "s3cret-password", serverUrl: "ghcr.io" };
    const services = [
      { image: "redis", environmentVariables: { P: "one" }, registry },
      { image: "postgres", environmentVariables: { P: "two", Q: "" }, createOptions: "--cpus 1" },
    ];
    await prepare({ container: { ...container, registry }, services });
    expect(printed.split("\n").slice(0, 3)).toEqual([
      "::add-mask::s3cret-password",
      `::add-mask::${Buffer.from("mona:s3cret-password").toString("base64")}`,
      expect.stringMatching(/log: .*container postgres in Kubernetes: --cpus\. .*\$postgres/),
    ]);
    const { spec } = server.pod("arc-1-workflow").pod;
    expect(JSON.stringify(spec)).not.toContain("s3cret");
    const values = server
      .objects("secrets")
      .find((secret) => (secret as { type?: string }).type === "Opaque");
    const data = (values as { data?: Record<string, string> } | undefined)?.data ?? {};
    const valuesOf = (service: string) =>
      spec?.containers
        .find(({ name }) => name === service)
        ?.env?.filter(({ valueFrom }) => valueFrom !== undefined)
        .map(({ name, valueFrom }) => [name, decoded(data[valueFrom?.secretKeyRef?.key ?? ""])]);
    expect(valuesOf("redis")).toEqual([["P", "one"]]);
    expect(valuesOf("postgres")).toEqual([
      ["P", "two"],
      ["Q", ""],
    ]);
    const pull = server.objects("secrets").filter((secret) => secret !== values);
    expect(spec?.imagePullSecrets).toEqual([
      ...pull.map(({ metadata }) => ({ name: metadata.name })),
      { name: "runner-image" },
    ]);
    expect(pull).toHaveLength(1);
  });

  it("sends files while health checks are waited for, which it says", async () => {
    kubelet();
    const services = [{ image: "redis", createOptions: "--health-cmd 'redis-cli ping'" }];
    let ended = false;
    const preparing = prepare({ container, services }).finally(() => {
      ended = true;
    });
    while (!printed.includes("pod arc-1-workflow waits for the health check of redis to pass")) await turn();
    expect(agent.received).toHaveLength(1);
    expect(ended).toBe(false);
    ready(server.pod("arc-1-workflow"), "redis");
    expect((await preparing).exitCode).toBe(0);
  });

  it("goes on without a service that has failed and has no health check, and warns with its last lines", async () => {
    kubelet((pod) => {
      online(pod);
      pod.log("redis", "::error::no config").terminated("redis", 3);
    });
    const { exitCode } = await prepare({ container, services: [{ image: "redis" }] });
    expect(exitCode).toBe(0);
    expect(printed).toContain(
      "redis: \u2060::error::no config\nlog: Service redis has ended already, with exit code 3",
    );
  });

  it("is what the template makes of it", async () => {
    kubelet();
    const template = join(work, "template.yaml");
    await writeFile(
      template,
      "spec:\n  priorityClassName: high\n  containers:\n    - name: $nobody\n      tty: true\n",
    );
    const { exitCode } = await prepare({ container }, { ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE: template });
    expect(exitCode).toBe(0);
    expect(server.pod("arc-1-workflow").pod.spec).toMatchObject({
      priorityClassName: "high",
      automountServiceAccountToken: false,
    });
    expect(printed).toContain("$nobody");
  });
});

describe("a job without containers", () => {
  it.each([[{}], [{ container: null, services: [] }], [{ container: null, services: null }]])(
    "needs nothing: %j",
    async (args) => {
      const { exitCode, response } = await prepare(args);
      expect(exitCode).toBe(0);
      expect(printed).toBe("No containers exist, skipping hook invocation\n");
      expect(response).toEqual({ state: {}, isAlpine: false, context: { services: [] } });
      expect(requests()).toEqual([]);
    },
  );
});

describe("a job that cannot be prepared", () => {
  it.each([
    ["services without a container", { services: [{ image: "redis" }] }, "Job Container is required."],
    [
      "a port that is none",
      { container: { ...container, portMappings: ["x"] } },
      "invalid container port: x",
    ],
    ["an image that is none", { container: { image: "UPPER" } }, 'image name "UPPER" is not legal'],
    [
      "a volume from elsewhere",
      {
        container: { ...container, userMountVolumes: [{ sourceVolumePath: "/etc", targetVolumePath: "/e" }] },
      },
      "Volume mounts outside of the work folder are not supported",
    ],
    [
      "options that are none",
      { container: { ...container, createOptions: "--health-cmd x --health-retries y" } },
      "--health-retries",
    ],
  ])("for %s asks nothing of the cluster", async (_, args, message) => {
    const { error } = await prepare(args);
    expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining(message) });
    expect(requests()).toEqual([]);
  });

  it("for a template that is none makes nothing", async () => {
    const template = join(work, "template.yaml");
    await writeFile(template, "spec: [");
    const { error } = await prepare({ container }, { ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE: template });
    expect(error).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(`Failed to parse ${template}`),
    });
    expect(requests()).toEqual([]);
  });

  it.each<[string, (pod: ScriptedPod) => void, object]>([
    [
      "because its image cannot be pulled",
      (pod) => pod.terminated("install", 0).waiting("job", "ErrImagePull", "manifest unknown"),
      {
        code: "IMAGE_UNAVAILABLE",
        message: expect.stringMatching(/failed to come online with error: .*debian:12.*manifest unknown/),
      },
    ],
    [
      "because no node takes it",
      (pod) => pod.condition({ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }),
      { code: "UNSCHEDULABLE", message: expect.stringContaining("0/3 nodes") },
    ],
    [
      "because a service's program does not start",
      (pod) => {
        online(pod);
        pod.terminated("redis", 128, { reason: "StartError", message: "no such file or directory" });
      },
      {
        code: "INVALID_REQUEST",
        message: expect.stringContaining("Container redis (image redis) did not start"),
      },
    ],
    [
      "because a service with a health check has ended",
      (pod) => {
        online(pod);
        pod.log("redis", "bad config").terminated("redis", 1);
      },
      { code: "INVALID_REQUEST", message: expect.stringContaining("Service redis ended with exit code 1") },
    ],
    [
      "because the agent says why it cannot begin",
      (pod) => {
        const message = '{"error":{"code":"INVALID_CONFIG","message":"no loader here","remedy":"Use glibc"}}';
        pod.terminated("install", 1, { message }).phase("Failed");
      },
      { code: "INVALID_CONFIG", remedy: "Use glibc", message: expect.stringContaining("no loader here") },
    ],
    [
      "because the supervisor has ended",
      (pod) => {
        online(pod);
        pod.terminated("job", 139);
      },
      {
        message: expect.stringMatching(
          /failed to come online with error: .*supervise ended with exit code 139/,
        ),
      },
    ],
    [
      "because a health check never passes",
      (pod) => {
        online(pod);
        pod.log("redis", "still loading");
      },
      {
        code: "TIMED_OUT",
        message: expect.stringMatching(/health check of service redis did not pass within 30 s/),
      },
    ],
  ])("%s leaves nothing behind", async (_, script, expected) => {
    kubelet(script);
    const services = [{ image: "redis", createOptions: "--health-cmd x", environmentVariables: { A: "b" } }];
    const { error, response } = await prepare({ container, services });
    expect(error).toMatchObject(expected);
    expect(left()).toEqual([]);
    expect(response).toBeUndefined();
  });

  it("because the cluster refuses it leaves nothing behind", async () => {
    const message = 'pods "arc-1-workflow" is forbidden: violates PodSecurity "restricted:latest"';
    server.fault(
      { verb: "create", resource: "pods" },
      { kind: "status", status: 403, reason: "Forbidden", message },
    );
    const services = [{ image: "redis", environmentVariables: { A: "b" } }];
    const { error } = await prepare({ container, services });
    expect(error?.message).toMatch(/^failed to create job pod: .*restricted/);
    expect(left()).toEqual([]);
  });

  it("because the session fails leaves nothing behind", async () => {
    kubelet();
    agent.misbehave = async () => {
      server.remove("pods", "arc-1-workflow");
      return undefined;
    };
    const { error } = await prepare({
      container,
      services: [{ image: "redis", environmentVariables: { A: "b" } }],
    });
    expect(error?.code).toBe("POD_LOST");
    expect(left()).toEqual([]);
  });

  it.each([
    ["while the pod is waited for", (pod: ScriptedPod) => pod.waiting("job", "ContainerCreating")],
    ["while it is made", () => cancel()],
  ])("because it is cancelled %s leaves nothing behind", async (_, script) => {
    kubelet(script);
    const preparing = prepare({
      container,
      services: [{ image: "redis", environmentVariables: { A: "b" } }],
    });
    while (!requests().includes("create pods")) await turn();
    cancel();
    const { error } = await preparing;
    expect(error).toMatchObject({ code: "CANCELLED" });
    expect(left()).toEqual([]);
  });
});

function cancel(): void {
  cancellation.abort(new BuildError("CANCELLED", "The runner stopped the step"));
}

function decoded(base64 = ""): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

/** The scripted server takes a WebSocket's GET for what it is. */
function execAsSeen(request: string): string {
  return request === "create pods/exec" ? "get pods/exec" : request;
}
