import { createHash } from "node:crypto";
import { loadTestbed, stepOf, type WorkflowResult } from "@slipway/testbed";
import { describe, expect, it } from "vitest";
import { PLACEMENTS, runWorkflow, workflowRunner } from "./cluster-runner.ts";

/** What one step printed. */
function outputOf(job: WorkflowResult, name: string, stage?: "pre" | "main" | "post"): string {
  const { hook, error } = stepOf(job, name, stage);
  return hook?.output ?? error ?? "";
}

describe.each(PLACEMENTS)("a workflow with the work folder $placement", ({ work }) => {
  it("does everything that a workflow can", async () => {
    const runner = await workflowRunner(work);
    const job = await runWorkflow(runner, "everything");
    expect(job.steps.filter(({ conclusion }) => conclusion !== "success").map(({ name }) => name)).toEqual([
      "too early",
    ]);

    expect(outputOf(job, "too early")).toContain("Can't find 'action.yml'");
    const bash = outputOf(job, "bash");
    expect(bash).toContain("in /__w/hello-world/hello-world, ci true, actions true, home /root");
    expect(bash).toContain('job [it\'s "here" $(hostname) `id` $HOME] workflow [workflow]');
    expect(bash).toContain("odd [a 'b' \"c\" $(d) `e` \\ ünï → 漢\nsecond line]");
    expect(bash).toContain('event in job container: {"action":"demo"}');
    expect(bash).toContain("the-page");
    expect(bash).toContain("to stderr");
    expect(stepOf(job, "bash").hook?.fileCommands["GITHUB_STEP_SUMMARY"]).toBe("# Summary\n");
    expect(outputOf(job, "sh")).toContain(
      "tool: in folder value of bash\nenv [of bash] [one\ntwo]\nservice at 8081",
    );
    expect(outputOf(job, "python")).toContain("python: 3 of bash /__w/hello-world/hello-world");
    expect(outputOf(job, "perl")).toContain("perl: FROM_JOB|FROM_STEP|FROM_WORKFLOW");
    expect(outputOf(job, "node")).toContain("node: v20 of bash");

    expect(outputOf(job, "stages", "pre")).toContain("pre ran");
    const main = outputOf(job, "stages");
    const text = 'it\'s "quoted" $(hostname) ünï';
    expect(main).toContain(`main after pre: [${text}] [] [${text}]`);
    expect(main).toContain('event in container step: {"action":"demo"}');
    expect(main).toContain("script left: script\ntemp: of-script\nenv: of bash");
    expect(stepOf(job, "stages").hook?.fileCommands["GITHUB_STEP_SUMMARY"]).toBe("## from the container\n");
    expect(outputOf(job, "stages", "post")).toContain("post after main: done");
    expect(outputOf(job, "after stages")).toContain(
      'outputs: 42 line one\nline "two"\n'.replace('"two"', "two"),
    );
    expect(outputOf(job, "after stages")).toContain(
      "container left: made-by-container temp-of-container by container",
    );
    expect(outputOf(job, "after stages")).toContain("deletion seen");

    expect(outputOf(job, "ready image")).toContain("made-by-container");
    expect(outputOf(job, "local")).toContain("measured this this by local-image\none");
    expect(job.log).toContain("from greet carried in");
    expect(job.log).toContain("measured composite composite by local-image");
    expect(outputOf(job, "javascript")).toContain(
      `js main since pre: ${JSON.stringify('hello you there "!"\n$(x)')}`,
    );
    expect(outputOf(job, "javascript", "post")).toContain("js post since main");
    const hash = createHash("sha256").update(createHash("sha256").update("one\n").digest()).digest("hex");
    expect(outputOf(job, "hash")).toContain(`length 24\nhash [${hash}] []`);
    expect(await runner.leftovers()).toEqual([]);
  });

  it("keeps the exit code of a failing step, and runs what always runs", async () => {
    const runner = await workflowRunner(work);
    const job = await runWorkflow(runner, "failing");
    expect(stepOf(job, "fails").hook).toMatchObject({ exitCode: 3, outputs: { last: "words" } });
    expect(stepOf(job, "skipped").conclusion).toBe("skipped");
    expect(outputOf(job, "always")).toContain("ran after words");
    expect(stepOf(job, "on failure").hook?.exitCode).toBe(42);
    expect(job.conclusion).toBe("failure");
    expect(await runner.leftovers()).toEqual([]);
  });

  it("needs nothing in the job's image but what its steps use, nor root", async () => {
    const runner = await workflowRunner(work);
    // On a claim modes are what they are: any user must be let in, as for every container that shares a volume.
    const workspace = "/home/runner/_work/hello-world/hello-world";
    await runner.shell(
      `umask 0; mkdir -p ${workspace} /home/runner/_work/_temp; echo one > ${workspace}/lock.txt`,
    );
    const job = await runWorkflow(runner, "bare");
    expect(outputOf(job, "script")).toContain("user 4711 sees busybox\none in /__w/hello-world/hello-world");
    expect(outputOf(job, "container")).toContain("made\none\n");
    expect(stepOf(job, "script").outputs).toEqual({ made: "by nobody" });
    expect(outputOf(job, "no shell")).toContain('There is no program "sh" in the job container');
    expect(await runner.leftovers()).toEqual([]);
  });

  it("runs JavaScript actions in Alpine with Node for musl", async ({ skip }) => {
    const { agentImage, mirrorUrl } = await loadTestbed();
    const there = await fetch(`${mirrorUrl}/v2/actions/actions-runner/manifests/musl`);
    if (!there.ok) skip("The test bed has no runner image with Node for musl");
    const runner = await workflowRunner(work, {
      SLIPWAY_AGENT_IMAGE: agentImage.replace(/:latest$/, ":musl"),
    });
    const job = await runWorkflow(runner, "alpine");
    expect(outputOf(job, "sh")).toContain("on alpine: one");
    expect(outputOf(job, "javascript")).toContain('js main since pre: "from musl"');
    expect(outputOf(job, "javascript", "post")).toContain("js post since main");
    expect(stepOf(job, "Initialize containers", "prepare").hook?.response).toMatchObject({ isAlpine: true });
    expect(await runner.leftovers()).toEqual([]);
  });
});
