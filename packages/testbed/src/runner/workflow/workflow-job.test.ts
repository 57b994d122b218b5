import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expression, LocalRunner, steps } from "../../testing/local-runner.ts";
import { stepOf } from "../pod-workflow.ts";

let runner: LocalRunner;
beforeEach(async () => {
  runner = await LocalRunner.create();
});
afterEach(() => runner.remove());

describe("a workflow", () => {
  it("carries outputs, variables, PATH and the state of an action from step to step", async () => {
    await runner.place(
      "_work/_actions/octo-org/js/v1/action.yml",
      "{ inputs: { a b: { default: d } }, outputs: {}, runs: { using: node20, pre: pre.js, main: main.js, post: post.js } }",
    );
    const say = "console.log(__filename.slice(-7), [process.env['INPUT_A_B']], [process.env.STATE_kept]);";
    const keep =
      "require('fs').appendFileSync(process.env.GITHUB_STATE, 'kept=' + __filename.at(-4) + '\\n');";
    for (const name of ["pre", "main", "post"])
      await runner.place(`_work/_actions/octo-org/js/v1/${name}.js`, `${say}\n${keep}`);
    const job = await runner.runJob(
      steps(
        "- { id: first, run: 'echo answer=42 >> $GITHUB_OUTPUT; echo V=two words >> $GITHUB_ENV; mkdir bin; pwd >> $GITHUB_PATH; echo sum >> $GITHUB_STEP_SUMMARY' }",
        "- { uses: octo-org/js@v1 }",
        `- { run: 'echo "${expression("steps.first.outputs.answer")} [$V] [${expression("env.V")}]"' }`,
      ),
    );
    expect(job.log).toContain("42 [two words] [two words]");
    expect(job.log).toContain("/pre.js [ 'd' ] [ undefined ]");
    expect(job.log).toContain("main.js [ 'd' ] [ 'e' ]");
    expect(job.log).toContain("post.js [ 'd' ] [ 'n' ]");
    expect(job.conclusion).toBe("success");
    expect((await runner.inputs()).at(-3)?.args.prependPath).toEqual([join(runner.folder, "_work/app/app")]);
    expect(stepOf(job, "first").hook?.fileCommands["GITHUB_STEP_SUMMARY"]).toBe("sum\n");
    expect(job.steps.map(({ stage }) => stage)).toEqual([
      "prepare",
      "pre",
      "main",
      "main",
      "main",
      "post",
      "cleanup",
    ]);
  });

  it("reads local and composite actions from the runner's disk when their step comes", async () => {
    await runner.place(
      "greet.yml",
      `{ inputs: { who: {} }, outputs: { greeting: { value: '${expression("steps.say.outputs.text")}' } }, runs: { using: composite, steps: [{ id: say, shell: sh, run: 'echo text=hello ${expression("inputs.who")} >> $GITHUB_OUTPUT; ls $GITHUB_ACTION_PATH' }] } }`,
    );
    const job = await runner.runJob(
      steps(
        "- { name: too early, uses: ./.github/actions/greet, continue-on-error: true }",
        `- { run: 'mkdir -p .github/actions/greet; cp ${runner.folder}/greet.yml .github/actions/greet/action.yml' }`,
        "- { id: greet, uses: ./.github/actions/greet, with: { who: you } }",
        `- { run: 'echo "said ${expression("steps.greet.outputs.greeting")}"' }`,
      ),
    );
    expect(stepOf(job, "too early").error).toContain("Did you forget to run actions/checkout");
    expect(job.log).toContain("said hello you");
    expect(job.conclusion).toBe("success");
  });

  it("goes on after a failure only where a step asks for it", async () => {
    const job = await runner.runJob(
      steps(
        "- { name: fails, run: exit 3 }",
        "- { name: skipped, run: 'true' }",
        "- { name: after, if: always(), run: 'true' }",
        "- { name: on failure, if: \"failure() && job.status == 'failure'\", run: 'true' }",
      ),
    );
    expect(stepOf(job, "fails").hook?.exitCode).toBe(3);
    expect(job.steps.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
      "Initialize containers: success",
      "fails: failure",
      "skipped: skipped",
      "after: success",
      "on failure: success",
      "Stop containers: success",
    ]);
    expect(job.conclusion).toBe("failure");
  });

  it("cancels a step with SIGINT, and goes on with what always runs", async () => {
    // What says that it is ready is what the signal is for: bash loses one that comes just before its `exec`.
    const job = await runner.runJob(
      steps(
        "- { name: long, run: 'echo ready > said; exec tail -f said' }",
        "- { name: skipped, run: 'true' }",
        "- { name: last, if: always(), run: 'true' }",
      ),
      { disturbances: { long: { cancelWhen: "ready" } } },
    );
    expect(stepOf(job, "long").hook?.signalsSent).toEqual(["SIGINT"]);
    expect(job.steps.map(({ conclusion }) => conclusion)).toEqual([
      "success",
      "cancelled",
      "skipped",
      "success",
      "success",
    ]);
    expect(job.conclusion).toBe("cancelled");
  });

  it("hashes the files of the runner's disk", async () => {
    const job = await runner.runJob(
      steps(
        "- { run: 'mkdir -p a/b; printf x > a/b/lock.json; printf y > lock.txt' }",
        `- { run: 'echo "[${expression("hashFiles(''**/lock.json'')")}] [${expression("hashFiles(''none'')")}]"' }`,
      ),
    );
    const one = createHash("sha256").update("x").digest();
    expect(job.log).toContain(`[${createHash("sha256").update(one).digest("hex")}] []`);
  });
});
