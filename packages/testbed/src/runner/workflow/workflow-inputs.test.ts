import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expression, LocalRunner, steps } from "../../testing/local-runner.ts";
import { stepOf } from "../pod-workflow.ts";

let runner: LocalRunner;
beforeEach(async () => {
  runner = await LocalRunner.create();
});
afterEach(() => runner.remove());

describe("what the hook is sent", () => {
  it("calls prepare_job first and cleanup_job last, carries the state, and serialises as the runner does", async () => {
    await runner.runJob(`
jobs:
  job:
    container:
      image: registry.example:5000/node:22
      env: { LANG: C }
      options: --cpus 1
      ports: [80, "8080:80"]
      volumes: ["cache:/cache:ro", /scratch]
      credentials: { username: me, password: secret }
    services:
      web: { image: busybox, options: --health-cmd true }
    steps: [{ run: "true" }]
`);
    const all = await runner.inputs();
    expect(all.map(({ command, state }) => [command, state])).toEqual([
      ["prepare_job", null],
      ["run_script_step", { jobPod: "pod" }],
      ["cleanup_job", { jobPod: "pod" }],
    ]);
    const { container, services } = await runner.argsOf(0);
    expect(container).toMatchObject({
      image: "registry.example:5000/node:22",
      dockerfile: null,
      entryPointArgs: [],
      entryPoint: null,
      workingDirectory: "/__w/app/app",
      createOptions: "--cpus 1",
      registry: { username: "me", password: "secret", serverUrl: "registry.example:5000" },
      environmentVariables: { LANG: "C", HOME: "/github/home" },
      portMappings: ["80", "8080:80"],
      userMountVolumes: [
        {
          userProvidedValue: "cache:/cache:ro",
          sourceVolumePath: "cache",
          targetVolumePath: "/cache",
          readOnly: true,
        },
        {
          userProvidedValue: "/scratch",
          sourceVolumePath: null,
          targetVolumePath: "/scratch",
          readOnly: false,
        },
      ],
    });
    expect(container["systemMountVolumes"]).toContainEqual({
      userProvidedValue: null,
      sourceVolumePath: join(runner.folder, "_work/_temp/_github_home"),
      targetVolumePath: "/github/home",
      readOnly: false,
    });
    expect(services).toEqual([
      {
        image: "busybox",
        dockerfile: null,
        entryPointArgs: [],
        entryPoint: null,
        workingDirectory: null,
        createOptions: "--health-cmd true",
        registry: null,
        environmentVariables: {},
        portMappings: [],
        systemMountVolumes: [],
        userMountVolumes: [],
      },
    ]);
  });

  it("sends a script as a file in the runner's temporary folder, with the paths of the job container", async () => {
    const job = await runner.runJob(
      steps(
        `- { name: here, run: 'pwd; echo $0', shell: bash, working-directory: sub, env: { A: '${expression("github.workspace")}/x' } }`,
      ),
    );
    const script = await runner.argsOf(1);
    expect(script).toMatchObject({
      entryPoint: "bash",
      prependPath: [],
      workingDirectory: "/__w/app/app/sub",
    });
    expect(script.entryPointArgs.slice(0, 5)).toEqual(["--noprofile", "--norc", "-e", "-o", "pipefail"]);
    expect(script.entryPointArgs[5]).toMatch(/^\/__w\/_temp\/[-0-9a-f]{36}\.sh$/);
    const env = script.environmentVariables;
    expect(env).toMatchObject({
      A: "/__w/app/app/x",
      GITHUB_WORKSPACE: "/__w/app/app",
      GITHUB_EVENT_PATH: "/github/workflow/event.json",
      RUNNER_TEMP: "/__w/_temp",
      RUNNER_TOOL_CACHE: "/__w/_tool",
    });
    expect(env["GITHUB_OUTPUT"]).toMatch(/^\/__w\/_temp\/_runner_file_commands\/set_output_/);
    expect(env).not.toHaveProperty("HOME");
    expect(stepOf(job, "here").conclusion).toBe("failure");
  });

  it("takes Node for musl where the job container is Alpine", async () => {
    await runner.place(
      "_work/_actions/octo-org/js/v1/action.yml",
      "{ runs: { using: node20, main: main.js } }",
    );
    await runner.place("_work/_actions/octo-org/js/v1/main.js", "");
    await runner.runJob(steps("- { uses: octo-org/js@v1 }"), { env: { ALPINE: "1" } });
    expect((await runner.inputs())[1]?.args).toMatchObject({
      entryPoint: "/__e/node20_alpine/bin/node",
      entryPointArgs: ["/__w/_actions/octo-org/js/v1/main.js"],
    });
  });

  it("sends a ready image with the arguments as they are written", async () => {
    await runner.runJob(
      steps("- { uses: 'docker://busybox:1.37', with: { entrypoint: /bin/echo, args: \"a  'b c'\" } }"),
    );
    expect((await runner.inputs())[1]).toMatchObject({
      command: "run_container_step",
      args: { image: "busybox:1.37", entryPoint: "/bin/echo", entryPointArgs: ["a", "'b", "c'"] },
    });
  });
});
