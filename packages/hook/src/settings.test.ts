import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTestCertificate } from "@slipway/registry/testing";
import { describe, expect, it } from "vitest";
import { readSettings, registrySettings } from "./settings.ts";

const HOST = "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST";
const SECRET = "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME";
const set = (more: Record<string, string> = {}) => ({
  ACTIONS_RUNNER_POD_NAME: "arc-abc",
  RUNNER_WORKSPACE: "/home/runner/_work/Hello-World",
  GITHUB_WORKSPACE: "/home/runner/_work/Hello-World/Hello-World",
  ...more,
});

describe("readSettings", () => {
  it("needs nothing but what ARC and the runner set", () => {
    expect(readSettings(set())).toMatchObject({
      runnerPod: "arc-abc",
      namespace: undefined,
      podTimeoutMs: 600_000,
      workspaceName: "Hello-World",
      workFolder: "/home/runner/_work",
      builder: "kaniko",
      builderConfig: {},
      trust: { plainHttp: [] },
      logLevel: "warn",
    });
  });

  it("reads what the official hooks read", () => {
    const env = set({
      ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS: "60",
      ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE: "/home/runner/k8s/hook-template.yaml",
      ACTIONS_RUNNER_CLAIM_NAME: "arc-abc-work",
      ACTIONS_RUNNER_USE_KUBE_SCHEDULER: "true",
      ACTIONS_RUNNER_IMAGE: "ghcr.io/actions/actions-runner:latest",
    });
    expect(readSettings(env)).toMatchObject({
      podTimeoutMs: 60_000,
      templatePath: "/home/runner/k8s/hook-template.yaml",
      claimName: "arc-abc-work",
      useKubeScheduler: true,
      runnerImage: "ghcr.io/actions/actions-runner:latest",
      warnings: [],
    });
  });

  it("finds out by itself where job containers have their work folder", () => {
    expect(readSettings(set())).toMatchObject({
      jobTimeoutSeconds: 432_000,
      templatePath: undefined,
      claimName: undefined,
      useKubeScheduler: false,
      workPlacement: "auto",
    });
    expect(readSettings(set({ SLIPWAY_WORK_PLACEMENT: "copy" })).workPlacement).toBe("copy");
  });

  it.each([
    ["ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS", "10m", { podTimeoutMs: 600_000 }],
    ["ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS", "0", { podTimeoutMs: 600_000 }],
    ["ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS", "-1", { podTimeoutMs: 600_000 }],
    ["ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS", "2147484", { podTimeoutMs: 2_000_000_000 }],
    ["ACTIONS_RUNNER_USE_KUBE_SCHEDULER", "yes", { useKubeScheduler: false }],
  ])("warns of %s=%s, with which the official hooks run too", (name, value, read) => {
    expect(readSettings(set({ [name]: value }))).toMatchObject({
      ...read,
      warnings: [expect.stringContaining(`${name} is "${value}", but must be`)],
    });
  });

  it("takes an empty value for none", () => {
    expect(readSettings(set({ SLIPWAY_BUILDER: "", SLIPWAY_LOG_LEVEL: " " }))).toMatchObject({
      builder: "kaniko",
      logLevel: "warn",
    });
  });

  it("tells more when the job runs with debug logging", () => {
    expect(readSettings(set({ RUNNER_DEBUG: "1" })).logLevel).toBe("debug");
  });

  it("reads the configuration of the builder from the variable or from a file", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "slipway-")), "config.json");
    await writeFile(file, '{"image":"b"}');
    expect(readSettings(set({ SLIPWAY_BUILDER_CONFIG: '{"image":"a"}' })).builderConfig).toEqual({
      image: "a",
    });
    expect(readSettings(set({ SLIPWAY_BUILDER_CONFIG: file })).builderConfig).toEqual({ image: "b" });
  });

  it("reads which registries may be trusted how", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "slipway-")), "ca.pem");
    const pem = makeTestCertificate({ name: "an authority" }).cert;
    await writeFile(file, pem);
    const { trust } = readSettings(
      set({ SLIPWAY_PLAIN_HTTP_REGISTRIES: "a.b:5000, c", SLIPWAY_REGISTRY_CA_FILE: file }),
    );
    expect(trust).toEqual({ plainHttp: ["a.b:5000", "c"], ca: pem });
  });

  it("refuses a file with a broken certificate before anything is built", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "slipway-")), "ca.pem");
    const broken = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    await writeFile(file, `${makeTestCertificate({ name: "an authority" }).cert}\n${broken}`);
    expect(() => readSettings(set({ SLIPWAY_REGISTRY_CA_FILE: file }))).toThrow(
      "a file with PEM certificates",
    );
  });

  it.each([
    ["ACTIONS_RUNNER_POD_NAME", "", "'ACTIONS_RUNNER_POD_NAME' env is required"],
    ["ACTIONS_RUNNER_POD_NAME", "Not_A_Pod", 'ACTIONS_RUNNER_POD_NAME is "Not_A_Pod"'],
    ["ACTIONS_RUNNER_POD_NAME", "a".repeat(64), "of at most 63 characters"],
    ["RUNNER_WORKSPACE", "relative", 'RUNNER_WORKSPACE is "relative", but must be an absolute path'],
    ["SLIPWAY_JOB_TIMEOUT_SECONDS", "5d", "must be a whole number above 0"],
    ["SLIPWAY_JOB_TIMEOUT_SECONDS", "2000001", "at most 2000000 seconds"],
    ["SLIPWAY_WORK_PLACEMENT", "rwx", "must be auto, shared or copy"],
    ["ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE", "template.yaml", "must be an absolute path"],
    ["ACTIONS_RUNNER_CLAIM_NAME", "A_B", "the name of a PersistentVolumeClaim"],
    ["SLIPWAY_BUILD_TIMEOUT_SECONDS", "0", "must be a whole number above 0"],
    ["SLIPWAY_BUILD_TIMEOUT_SECONDS", "2147484", "at most 2000000 seconds"],
    ["SLIPWAY_MAX_CONTEXT_BYTES", "1e400", "must be a whole number above 0"],
    ["SLIPWAY_LOG_LEVEL", "loud", "must be error, warn, info or debug"],
    ["SLIPWAY_BUILDER_CONFIG", '{"password":"hunter2"', "must be JSON"],
    ["SLIPWAY_BUILDER_CONFIG", "/nonexistent/file", "names a file that cannot be read"],
    ["SLIPWAY_PLAIN_HTTP_REGISTRIES", "http://a", "must be host:port"],
    ["SLIPWAY_REGISTRY_CA_FILE", "/nonexistent/ca.pem", "names a file that cannot be read"],
    ["SLIPWAY_REGISTRY_CA_FILE", "/dev/null", "must be a file with PEM certificates"],
  ])("refuses %s=%s", (name, value, message) => {
    const attempt = () => readSettings(set({ [name]: value }));
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", remedy: expect.stringMatching(/\w/) }),
    );
    expect(attempt).not.toThrow("hunter2");
  });

  it("keeps what the configuration of the builder says out of the error's cause", () => {
    const attempt = () => readSettings(set({ SLIPWAY_BUILDER_CONFIG: '{"password":"hunter2"' }));
    expect(attempt).toThrow(expect.objectContaining({ cause: undefined }));
  });
});

describe("registrySettings", () => {
  it.each([
    ["one host for all", { [HOST]: "ghcr.io/owner" }, "ghcr.io/owner", "ghcr.io/owner"],
    [
      "two names of one registry",
      { [`${HOST}_PUSH`]: "r.ns.svc:5000", [`${HOST}_PULL`]: "localhost:31500" },
      "r.ns.svc:5000",
      "localhost:31500",
    ],
    [
      "another name for nodes",
      { [HOST]: "r:5000", [`${HOST}_PULL`]: "localhost:31500" },
      "r:5000",
      "localhost:31500",
    ],
  ])("reads %s", (_, env, push, pull) => {
    expect(registrySettings(env)).toEqual({ push, pull, secretName: undefined });
  });

  it.each([
    ["nothing", {}, "neither"],
    ["only the pull host", { [`${HOST}_PULL`]: "localhost:1" }, `${HOST}_PUSH`],
    ["a URL", { [HOST]: "https://user:hunter2@ghcr.io" }, "without https://"],
    ["a URL with an @ in the password", { [HOST]: "https://user:p@hunter2@ghcr.io" }, "without https://"],
    ["a URL with a / in the password", { [HOST]: "https://user:hunter2/b@ghcr.io" }, "without https://"],
    ["a host that an image's name cannot begin with", { [HOST]: "registry/team" }, "registry:PORT/team"],
    ["a trailing slash", { [HOST]: "ghcr.io/" }, "host[:port][/path]"],
    ["a path in upper case", { [HOST]: "ghcr.io/OWNER" }, "lower case"],
    ["a tag", { [HOST]: "ghcr.io/a:latest" }, "host[:port][/path]"],
    ["a bad name of the Secret", { [HOST]: "a.b", [SECRET]: "A_B" }, "the name of a Secret"],
  ])("refuses %s", (_, env, message) => {
    expect(() => registrySettings(env)).toThrow(message);
    expect(() => registrySettings(env)).not.toThrow("hunter2");
  });
});
