import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stateWithJob } from "../src/protocol/job-state.ts";
import { scriptStep, scriptStepBed } from "./script-step-bed.ts";

const bed = scriptStepBed();

const apiRequests = () => bed.server.requests.map(({ verb, resource }) => `${verb} ${resource}`);

describe("a script step", () => {
  it("needs one request to the cluster", async () => {
    expect(await bed.run("echo hi")).toMatchObject({ exitCode: 0, output: "hi\n", stderr: "" });
    expect(apiRequests()).toEqual([expect.stringMatching(/pods\/exec$/)]);
  });

  it.each([0, 1, 3, 126, 127, 255])("ends with the program's exit code %i", async (code) => {
    expect(await bed.run(`exit ${code}`)).toMatchObject({ exitCode: code, output: "" });
  });

  it("prints what the program prints, both streams in order, byte by byte", async () => {
    const script = String.raw`
      echo one; echo two >&2; printf 'three\r\n' > /dev/stderr
      printf '\033[31mred\033[0m \377\n'; echo '::notice::a command'
      printf 'no end'`;
    const { exitCode, output } = await bed.run(script);
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: "one\ntwo\nthree\r\n\u001b[31mred\u001b[0m \ufffd\n::notice::a command\nno end",
    });
  });

  it("takes new files of the runner along, and brings back what the runner reads", async () => {
    await bed.folders.write("_temp/from-runner.txt", "from the runner");
    const script = `
      cat ../../_temp/from-runner.txt; rm to-delete.txt; mkdir -p .github/actions/x
      echo 'runs:' > .github/actions/x/action.yml; echo "answer=42" >> "$GITHUB_OUTPUT"
      echo stays > ../../_temp/stays-there`;
    expect(await bed.run(script)).toMatchObject({ exitCode: 0, output: "from the runner" });
    expect(await bed.folders.read("repo/repo/.github/actions/x/action.yml")).toBe("runs:\n");
    expect(await bed.folders.read("_temp/_runner_file_commands/set_output_1")).toBe("answer=42\n");
    await expect(bed.folders.read("repo/repo/to-delete.txt")).rejects.toThrow("ENOENT");
    await expect(bed.folders.read("_temp/stays-there")).rejects.toThrow("ENOENT");
    expect(await bed.run("cat ../../_temp/stays-there ../../_temp/from-runner.txt")).toMatchObject({
      output: "stays\nfrom the runner",
    });
  });

  it("passes arguments, variables and the folders of PATH on exactly", async () => {
    const nasty = "a  b\n\"c\" 'd' $(id) `id` \\ grüße 🚢";
    const args = {
      entryPointArgs: ["-c", '"printf', "'%s|'", '\\"$0\\"', '\\"$NASTY\\"', '\\"$PATH\\""', '"$(HOME)"'],
      environmentVariables: { NASTY: nasty, PATH: "/bin" },
      prependPath: ["/newest", "/older"],
    };
    expect((await bed.run("", args)).output).toBe(`$(HOME)|${nasty}|/newest:/older:/bin|`);
  });

  it("moves ten megabytes of output whole", async () => {
    const { output } = await bed.run("seq 1 1500000");
    expect(output.length).toBeGreaterThan(10_000_000);
    const sum = output.split("\n").reduce((last, line) => (Number(line) === last + 1 ? last + 1 : last), 0);
    expect(sum).toBe(1_500_000);
  });
});

describe("a script step that cannot be is refused with cause and cure:", () => {
  it.each([
    ["a program that is not there", { entryPoint: "/no/such/bash" }, 127, /\/no\/such\/bash/],
    ["a folder that is not there", { workingDirectory: "/no/such/folder" }, 126, /\/no\/such\/folder/],
    [
      "5 MB of variables",
      {
        environmentVariables: Object.fromEntries(
          Array.from({ length: 100 }, (_, index) => [`V${index}`, "x".repeat(52_000)]),
        ),
      },
      126,
      /environment/,
    ],
  ])("%s", async (_, args, code, cause) => {
    const { exitCode, output } = await bed.run("echo ran", args);
    expect(exitCode).toBe(code);
    expect(output).toMatch(/^::error::\[\w+\] failed to run script step: [^\n]+\n$/);
    expect(output).toMatch(cause);
  });

  it.each([
    ["no state", { state: null }, /prepare_job was not run/],
    ["the official hook's state", { state: { jobPod: "arc-runner-workflow" } }, /began with another hook/],
    ["a damaged state", { state: { slipway: { job: { pod: 7 } } } }, /began with another hook/],
    ["no args", { args: null }, /args must be Object, not null/],
    ["no entry point", { args: { entryPointArgs: ["x"] } }, /args.entryPoint is missing/],
  ])("%s", async (_, input, cause) => {
    const hook = await bed.hook({ ...scriptStep(bed), ...input });
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^::error::\[INVALID_REQUEST\] failed to run script step: [^\n]+\n$/);
    expect(output).toMatch(cause);
    expect(bed.server.requests).toEqual([]);
  });

  it("truncated JSON", async () => {
    const hook = await bed.hook(JSON.stringify(scriptStep(bed)).slice(0, -20));
    const { exitCode, output } = await hook.ended;
    expect({ exitCode, output }).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/not valid JSON/),
    });
  });

  it("a pod that is gone", async () => {
    bed.server.remove("pods", bed.pod.state.pod);
    const { exitCode, output } = await bed.run("echo ran");
    expect(exitCode).toBe(1);
    expect(output).toMatch(/::error::\[POD_LOST\] failed to run script step: .*deleted by someone else/);
  });

  it("a job container that was killed for its memory", async () => {
    const hook = await bed.start("echo started; exec sleep 1000");
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    bed.server.pod(bed.pod.state.pod).terminated("job", 137, { reason: "OOMKilled" });
    bed.pod.supervise.kill("SIGKILL");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^started\n::error::\[RESOURCE_EXHAUSTED\] failed to run script step: .*memory/);
  });

  it("what was sent is forgotten", async () => {
    const state = stateWithJob({}, bed.pod.state);
    await bed.folders.write("_temp/_slipway/sent", "nonsense");
    const hook = await bed.hook({ ...scriptStep(bed), state });
    expect((await hook.ended).output).toContain(join(bed.folders.work, "_temp/_slipway/sent"));
  });
});
