import {
  hookEnvironment,
  loadTestbed,
  type PodRunner,
  type StepResult,
  type Testbed,
} from "@slipway/testbed";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { actionName, clusterRunner, dockerAction, errorCode, lastLine } from "./cluster-runner.ts";

let testbed: Testbed;
let runner: PodRunner;

const GOOD = {
  "action.yml": dockerAction(),
  Dockerfile: 'FROM busybox:1.37\nRUN echo fine\nENTRYPOINT ["/bin/echo","ran"]\n',
};

beforeAll(async () => {
  testbed = await loadTestbed();
});

afterEach(async () => {
  expect(await runner.leftovers()).toEqual([]);
});

/** One action with these files, under these settings. */
async function attempt(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  runner = await clusterRunner(settings);
  const uses = actionName();
  await runner.placeAction(uses, { "action.yml": dockerAction(), ...files });
  return runner.run({ kind: "action", uses });
}

/** The builder's settings of the test bed with changes. */
function builderConfig(changes: object): Record<string, string> {
  const config = JSON.parse(hookEnvironment(testbed)["SLIPWAY_BUILDER_CONFIG"] ?? "{}") as object;
  return { SLIPWAY_BUILDER_CONFIG: JSON.stringify({ ...config, ...changes }) };
}

function expectRefusal(result: StepResult, code: string, text: RegExp): void {
  expect(errorCode(result), result.output).toBe(code);
  expect(lastLine(result)).toMatch(text);
  expect(lastLine(result)).toMatch(/^::error::/);
  expect(result.exitCode).toBeGreaterThan(0);
}

describe("bad input ends before any pod", () => {
  it.each([
    ["a missing Dockerfile", { "action.yml": dockerAction({ image: "docker/Dockerfile" }) }, /Dockerfile/],
    ["an empty Dockerfile", { Dockerfile: "" }, /empty/],
    ["a binary Dockerfile", { Dockerfile: "FROM scratch\n\0\u0001" }, /NUL|binary|text/],
    ["a Dockerfile over 1 MiB", { Dockerfile: `FROM scratch\n#${"x".repeat(1 << 20)}` }, /1 MiB/],
    ["an unknown instruction", { Dockerfile: "FROM scratch\nRUM echo\n" }, /line 2.*RUM|RUM.*line 2/i],
  ])("%s", async (_name, files, text) => {
    expectRefusal(await attempt(files), "INVALID_REQUEST", text);
  });

  it("an unsupported feature, with line and cure", async () => {
    const result = await attempt({
      Dockerfile: `FROM busybox:1.37\nADD --checksum=sha256:${"0".repeat(64)} https://example.com/x /x\n`,
    });
    expectRefusal(result, "UNSUPPORTED_FEATURE", /line 2/i);
  });

  it.each([
    [
      "a missing registry",
      {
        ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PUSH: "",
        ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PULL: "",
      },
      /REGISTRY_HOST/,
    ],
    [
      "a malformed registry",
      { ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PUSH: "https://registry/x y" },
      /REGISTRY_HOST_PUSH/,
    ],
    [
      "a Secret that does not exist",
      { ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME: "no-such-secret" },
      /no-such-secret/,
    ],
    ["an unknown builder", { SLIPWAY_BUILDER: "no-such-builder" }, /no-such-builder/],
    ["a builder setting that is not known", { SLIPWAY_BUILDER_CONFIG: '{"imgae":"x"}' }, /imgae/],
  ])("%s", async (_name, settings, text) => {
    expectRefusal(await attempt(GOOD, settings), "INVALID_CONFIG", text);
  });

  it.each([
    ["of the wrong type", "Opaque", { "config.json": "{}" }, /kubernetes.io\/dockerconfigjson/],
    [
      "without an entry for the host",
      "kubernetes.io/dockerconfigjson",
      { ".dockerconfigjson": '{"auths":{"other.example.com":{"auth":"YTpi"}}}' },
      /other\.example\.com/,
    ],
  ])("a Secret %s", async (_name, type, stringData, text) => {
    runner = await clusterRunner();
    const name = `bad-secret-${Math.random().toString(36).slice(2, 8)}`;
    await applyObject({ apiVersion: "v1", kind: "Secret", metadata: { name }, type, stringData });
    try {
      const result = await attempt(GOOD, { ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME: name });
      expectRefusal(result, "INVALID_CONFIG", text);
    } finally {
      await runner.kubectl("delete", "secret", name);
    }
  });
});

describe("what the cluster refuses has a cause and a cure", () => {
  it("the builder's image cannot be pulled", async () => {
    expectRefusal(
      await attempt(GOOD, builderConfig({ image: "localhost:31501/no/such-kaniko:v1.24.0" })),
      "IMAGE_UNAVAILABLE",
      /no\/such-kaniko/,
    );
  });

  it("the agent's image cannot be pulled", async () => {
    expectRefusal(
      await attempt(GOOD, { SLIPWAY_AGENT_IMAGE: "localhost:31501/no/such-agent:1" }),
      "IMAGE_UNAVAILABLE",
      /no\/such-agent/,
    );
  });

  it("the action's image cannot be pulled", async () => {
    const result = await attempt({
      "action.yml": dockerAction({ image: "docker://localhost:31501/no/such-action:1" }),
    });
    expectRefusal(result, "IMAGE_UNAVAILABLE", /no\/such-action/);
  });

  it("no node takes the pod", async () => {
    const settings = {
      ...builderConfig({ resources: { requests: { cpu: "1000" } } }),
      ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS: "5",
    };
    expectRefusal(await attempt(GOOD, settings), "UNSCHEDULABLE", /Insufficient cpu/);
  });

  it("a RUN is killed for its memory", async () => {
    const eat = "RUN head -c 400m /dev/zero | tail\n";
    const settings = builderConfig({ resources: { limits: { memory: "128Mi" } } });
    expectRefusal(
      await attempt({ Dockerfile: `FROM busybox:1.37\n${eat}` }, settings),
      "RESOURCE_EXHAUSTED",
      /128Mi/,
    );
  });

  it("the build takes too long", async () => {
    const result = await attempt(
      { Dockerfile: "FROM busybox:1.37\nRUN sleep 300\n" },
      { SLIPWAY_BUILD_TIMEOUT_SECONDS: "15" },
    );
    expectRefusal(result, "TIMED_OUT", /SLIPWAY_BUILD_TIMEOUT_SECONDS/);
  });

  it("a RUN fails: its exit code, its instruction, and that its secret is not there", async () => {
    const run = "RUN --mount=type=secret,id=a echo before && exit 42";
    const result = await attempt({ Dockerfile: `FROM busybox:1.37\n${run}\n` });
    expectRefusal(result, "BUILD_FAILED", /42.* mounts a secret, and a request gives none/);
    expect(lastLine(result)).toMatch(/exit 42/);
    expect(result.output).toContain("before");
  });

  it.each([
    ["of docker.io", () => "no-such-base:1"],
    ["of a registry that is named", () => `${testbed.mirrorHost}/no-such-base:1`],
  ])("a base image %s does not exist", async (_name, image) => {
    expectRefusal(
      await attempt({ Dockerfile: `FROM ${image()}\n` }),
      "BASE_IMAGE_UNAVAILABLE",
      /no-such-base:1 of line 1/,
    );
  });

  it("the registry refuses the password", async () => {
    runner = await clusterRunner();
    const auth = Buffer.from("slipway:wrong").toString("base64");
    const auths = Object.fromEntries([testbed.pushHost, testbed.pullHost].map((host) => [host, { auth }]));
    await applyObject({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "wrong-password" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
    });
    try {
      const result = await attempt(GOOD, {
        ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME: "wrong-password",
      });
      expectRefusal(result, "REGISTRY_DENIED", /docker-registry/);
    } finally {
      await runner.kubectl("delete", "secret", "wrong-password");
    }
  });

  it("the registry speaks plain HTTP and nobody allowed it", async () => {
    expectRefusal(
      await attempt(GOOD, { SLIPWAY_PLAIN_HTTP_REGISTRIES: testbed.mirrorHost }),
      "REGISTRY_UNTRUSTED",
      /SLIPWAY_PLAIN_HTTP_REGISTRIES/,
    );
  });
});

describe("a cancelled or killed hook leaves nothing", () => {
  const SLOW = {
    Dockerfile: 'FROM busybox:1.37\nRUN echo building-now && sleep 60\nENTRYPOINT ["/bin/echo"]\n',
  };

  it("after a cancel during the build, and has ended before the runner's second signal", async () => {
    runner = await clusterRunner();
    const uses = actionName();
    await runner.placeAction(uses, { "action.yml": dockerAction(), ...SLOW });
    const result = await runner.run({ kind: "action", uses, cancelWhen: "building-now" });
    expect(result.signal).toBeNull();
    expect(result.exitCode).toBe(130);
    expect(result.signalsSent).toEqual(["SIGINT"]);
  });

  it("after a cancel during the step, and has ended before the runner's second signal", async () => {
    runner = await clusterRunner();
    const uses = actionName();
    await runner.placeAction(uses, {
      "action.yml": dockerAction({
        image: "docker://busybox:1.37",
        args: ["sh", "-c", "echo stepping-now; sleep 60"],
      }),
    });
    const result = await runner.run({ kind: "action", uses, cancelWhen: "stepping-now" });
    expect(result.exitCode).toBe(130);
    expect(result.signalsSent).toEqual(["SIGINT"]);
  });

  it("after cleanup_job, when it was killed", async () => {
    runner = await clusterRunner();
    const uses = actionName();
    await runner.placeAction(uses, { "action.yml": dockerAction(), ...SLOW });
    const result = await runner.run({ kind: "action", uses, cancelWhen: "building-now", kill: true });
    expect(result.signal).toBe("SIGKILL");
    expect(await runner.leftovers()).not.toEqual([]);
    expect((await runner.run({ kind: "cleanup" })).exitCode).toBe(0);
    expect((await runner.run({ kind: "cleanup" })).exitCode).toBe(0);
  });
});

async function applyObject(object: object): Promise<void> {
  await runner.kubectlWithInput(JSON.stringify(object), "apply", "-f", "-");
}
