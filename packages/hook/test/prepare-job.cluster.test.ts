import { randomUUID } from "node:crypto";
import { hookEnvironment, loadTestbed, type PodRunner, type StepResult, startRunner } from "@slipway/testbed";
import { afterAll, describe, expect, it } from "vitest";
import { errorCode, HOOK_BUNDLE, lastLine } from "./cluster-runner.ts";

const PLACEMENTS = [
  ["copied", { pod: "slipway-prepare-copy", serviceAccount: "slipway-runner-novolume", work: "folder" }],
  ["shared", { pod: "slipway-prepare-shared", serviceAccount: "slipway-runner", work: "claim" }],
] as const;
const WORK = "/home/runner/_work";

interface Answer extends StepResult {
  /** The response file. */
  readonly answer: { readonly state?: object; readonly [key: string]: unknown };
}

async function runnerFor(options: (typeof PLACEMENTS)[number][1]): Promise<PodRunner> {
  const runner = await startRunner(await loadTestbed(), { ...options, hook: HOOK_BUNDLE });
  await runner.shell(
    `mkdir -p ${WORK}/hello-world/hello-world && echo here > ${WORK}/hello-world/hello-world/file`,
  );
  return runner;
}

async function call(
  runner: PodRunner,
  command: string,
  args: object,
  more: { readonly state?: object; readonly cancelWhen?: string } = {},
): Promise<Answer> {
  const { state = null, ...disturbance } = more;
  const responseFile = `${WORK}/_temp/_runner_hook_responses/${randomUUID()}.json`;
  const result = await runner.run({
    kind: "raw",
    input: { command, responseFile, args, state },
    ...disturbance,
  });
  const text = await runner.shell(`cat ${responseFile} 2>/dev/null || true`);
  return { ...result, answer: text === "" ? {} : JSON.parse(text) };
}

const mount = (source: string, target: string) => ({
  userProvidedValue: null,
  sourceVolumePath: source,
  targetVolumePath: target,
  readOnly: false,
});

const container = {
  image: "busybox:1.37",
  entryPointArgs: [],
  environmentVariables: { HOME: "/github/home", FROM_JOB: "a 'b' $(c)\nd" },
  createOptions: "--cpus 1",
  userMountVolumes: [mount("data", "/data"), mount(`${WORK}/hello-world/cache`, "/cache")],
  systemMountVolumes: [
    mount("/var/run/docker.sock", "/var/run/docker.sock"),
    mount(WORK, "/__w"),
    { ...mount("/home/runner/externals", "/__e"), readOnly: true },
    mount(`${WORK}/_temp`, "/__w/_temp"),
    mount(`${WORK}/_temp/_github_home`, "/github/home"),
    mount(`${WORK}/_temp/_github_workflow`, "/github/workflow"),
  ],
};

const web = {
  image: "busybox:1.37",
  entryPoint: "sh",
  entryPointArgs: [
    '-c "mkdir',
    "-p",
    "/www;",
    "sleep",
    "2;",
    "echo",
    "$PAGE",
    ">",
    "/www/page;",
    "httpd",
    "-f",
    "-p",
    "8081",
    "-h",
    '/www"',
  ],
  registry: { username: "mona", password: "s3cret-of-mona", serverUrl: "registry.example" },
  environmentVariables: { PAGE: "the-page" },
  portMappings: ["8080:8081"],
  createOptions: `--health-cmd "wget -q -O- localhost:8081/page" --health-interval 1s --network-alias web`,
  userMountVolumes: [mount("data", "/shared")],
};

describe.each(PLACEMENTS)("prepare_job with the work folder %s", (_, options) => {
  afterAll(async () => {
    const runner = await runnerFor(options);
    await runner.kubectl("delete", "pod", options.pod, "--grace-period=1");
  });

  it("makes a pod in which a step sees the runner's files, its service and its variables", async () => {
    const runner = await runnerFor(options);
    const prepared = await call(runner, "prepare_job", { container, services: [web] });
    expect(prepared).toMatchObject({ exitCode: 0 });
    expect(prepared.answer).toMatchObject({
      state: { jobPod: `${options.pod}-workflow` },
      isAlpine: false,
      context: { container: { image: "busybox:1.37", ports: {} }, services: [{ ports: { "8081": "8081" } }] },
    });
    expect(prepared.output).toMatch(/^::add-mask::s3cret-of-mona$/m);
    expect(await runner.leftovers()).toEqual([
      `pod/${options.pod}-workflow`,
      expect.stringMatching(/^secret\/.*-secret-/),
      expect.stringMatching(/^secret\/.*-secret-/),
    ]);
    expect(prepared.output).toContain("Options without effect on container job in Kubernetes: --cpus");

    const script = [
      "set -e",
      'echo "job=[$FROM_JOB] home=[$HOME]"',
      "cat /__w/hello-world/hello-world/file",
      "cat /github/workflow/event.json; echo",
      "wget -q -O- http://web:8081/page",
      "wget -q -O- http://localhost:8081/page",
      "echo x > /cache/made; echo y > /data/made; touch /github/home/made",
      "/__e/node20/bin/node -p 1+1 2>&1 || ls /__e",
    ].join("\n");
    await runner.shell(`cat > ${WORK}/_temp/step.sh`, Buffer.from(script));
    const step = await call(
      runner,
      "run_script_step",
      { entryPoint: "sh", entryPointArgs: ["-e", "/__w/_temp/step.sh"], environmentVariables: {} },
      { state: prepared.answer.state ?? {} },
    );
    expect(step.output).toContain("job=[a 'b' $(c)\nd]");
    expect(step.output).toContain("\nhere\n");
    expect(step.output.match(/the-page/g)).toHaveLength(2);
    expect(step.exitCode).toBe(0);

    await call(runner, "cleanup_job", {}, { state: prepared.answer.state ?? {} });
    expect(await runner.leftovers()).toEqual([]);
  });

  it("says why an image cannot be had, and leaves nothing", async () => {
    const runner = await runnerFor(options);
    const registry = hookEnvironment(await loadTestbed())[
      "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PULL"
    ];
    const services = [{ ...web, image: `${registry}/no-such-image` }];
    const failed = await call(runner, "prepare_job", { container, services });
    expect(failed.exitCode).toBe(1);
    expect(errorCode(failed)).toBe("IMAGE_UNAVAILABLE");
    expect(lastLine(failed)).toMatch(/pod failed to come online with error: .*no-such-image/);
    expect(await runner.leftovers()).toEqual([]);
  });

  it("says which health check it waits for, and leaves nothing when it is cancelled", async () => {
    const runner = await runnerFor(options);
    const services = [{ ...web, createOptions: "--health-cmd false --health-interval 1s" }];
    const cancelWhen = "waits for the health check of busybox to pass";
    const cancelled = await call(runner, "prepare_job", { container, services }, { cancelWhen });
    expect(cancelled).toMatchObject({ exitCode: 130, signalsSent: ["SIGINT"] });
    expect(await runner.leftovers()).toEqual([]);
  });
});
