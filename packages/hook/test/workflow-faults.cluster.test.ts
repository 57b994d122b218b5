import { loadTestbed, type PodRunner, restartApiServer, stepOf } from "@slipway/testbed";
import { describe, expect, it } from "vitest";
import { PLACEMENTS, runWorkflow, workflowRunner } from "./cluster-runner.ts";

const LINES = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`);

describe.each(PLACEMENTS)("faults in a workflow with the work folder $placement", ({ work }) => {
  it("ends a cancelled script step with SIGINT alone, and goes on", async () => {
    const runner = await workflowRunner(work);
    const disturbances = { long: { cancelWhen: "ready" } };
    const job = await runWorkflow(runner, "cancelled", { disturbances });
    expect(stepOf(job, "long").hook?.signalsSent).toEqual(["SIGINT"]);
    expect(stepOf(job, "skipped").conclusion).toBe("skipped");
    expect(stepOf(job, "always").hook?.output).toContain("saw interrupted");
    expect(job.conclusion).toBe("cancelled");
    expect(await runner.leftovers()).toEqual([]);
  });

  it("loses nothing and runs nothing twice when the API server restarts in the middle of a step", async () => {
    const testbed = await loadTestbed();
    const runner = await workflowRunner(work);
    let seen = "";
    let restart: Promise<void> | undefined;
    const job = await runWorkflow(runner, "lines", {}, (chunk) => {
      seen += chunk.toString("utf8");
      if (seen.includes("line 60\n")) restart ??= restartApiServer(testbed);
    });
    await restart;
    const { hook } = stepOf(job, "lines");
    // It was really cut off, and said so.
    expect(hook?.output).toContain("Connecting to the job pod again");
    expect(hook?.output.match(/^line \d+$/gm)).toEqual(LINES);
    expect(hook?.exitCode).toBe(7);
    expect(stepOf(job, "always").hook?.output).toContain("ran 1 time");
    expect(await runner.leftovers()).toEqual([]);
  });

  it("leaves nothing after cleanup_job when the hook was killed", async () => {
    const runner = await workflowRunner(work);
    const disturbances = { lines: { cancelWhen: "line 5\n", kill: true } };
    const job = await runWorkflow(runner, "lines", { disturbances });
    expect(stepOf(job, "lines").hook?.signal).toBe("SIGKILL");
    expect(stepOf(job, "Stop containers", "cleanup").conclusion).toBe("success");
    expect(await runner.leftovers()).toEqual([]);
  });

  it("leaves nothing when the runner pod is deleted, without any cleanup", async () => {
    const runner = await workflowRunner(work);
    await runWorkflow(runner, "failing", { cleanup: false });
    const pods = await runner.leftovers();
    expect(pods).toContain(`pod/${runner.pod}-workflow`);
    await runner.kubectl("delete", "pod", runner.pod, "--now");
    await waitUntilGone(runner, pods);
  });
});

async function waitUntilGone(runner: PodRunner, objects: readonly string[]): Promise<void> {
  await runner.kubectl("wait", "--for=delete", ...objects, "--timeout=120s");
  expect(await runner.leftovers()).toEqual([]);
}
