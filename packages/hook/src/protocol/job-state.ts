import { BuildError } from "@slipway/core";
import type { WorkPlacement } from "../work/work-placement.ts";
import type { HookState } from "./hook-input.ts";
import { isRecord } from "./is-record.ts";

/** The job pod, as prepare_job made it: every later call of the job works with it. Kept by the runner, in `state.slipway.job`. */
export interface JobState {
  /** Name of the pod; `state.jobPod` has it too, as in the official hooks. */
  readonly pod: string;
  readonly uid: string | undefined;
  /** Path of Node in the pod's container `sync`. */
  readonly agentNode: string;
  readonly placement: WorkPlacement;
}

/** The state that prepare_job returns. */
export function stateWithJob(before: HookState, job: JobState): HookState {
  const ours = isRecord(before["slipway"]) ? before["slipway"] : {};
  return { ...before, jobPod: job.pod, slipway: { ...ours, job } };
}

/** The job pod of a state; undefined where the job has none of ours. */
export function jobStateOf(state: HookState): JobState | undefined {
  const ours = isRecord(state["slipway"]) ? state["slipway"]["job"] : undefined;
  if (!isRecord(ours)) return undefined;
  const { pod, uid, agentNode } = ours;
  const placement = placementOf(ours["placement"]);
  if (!isName(pod) || !isName(agentNode) || placement === undefined) return undefined;
  return { pod, uid: isName(uid) ? uid : undefined, agentNode, placement };
}

/** The same for a command that cannot do without. Throws INVALID_REQUEST that tells whose state it is. */
export function requireJobState(state: HookState): JobState {
  const job = jobStateOf(state);
  if (job !== undefined) return job;
  if (state["jobPod"] === undefined && state["slipway"] === undefined) {
    throw new BuildError(
      "INVALID_REQUEST",
      "The state of the job names no job pod: prepare_job was not run",
      {
        remedy:
          "Run the job again; if it recurs, give it a `container:` and look at its step Initialize containers",
      },
    );
  }
  throw new BuildError(
    "INVALID_REQUEST",
    "The job began with another hook, or with another release of Slipway",
    {
      remedy:
        "Run the job again; change ACTIONS_RUNNER_CONTAINER_HOOKS only for runners that are not in the middle of a job",
    },
  );
}

function placementOf(value: unknown): WorkPlacement | undefined {
  if (!isRecord(value)) return undefined;
  if (value["kind"] === "copy") return { kind: "copy" };
  const { kind, claim, subPath, node, pinned } = value;
  if (kind !== "shared" || !isName(claim) || typeof subPath !== "string") return undefined;
  return { kind, claim, subPath, node: isName(node) ? node : undefined, pinned: pinned === true };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
