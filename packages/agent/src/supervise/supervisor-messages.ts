import {
  checkedWireError,
  type JobContainerFacts,
  MAX_FRAME_BYTES,
  type StepCommand,
  type StepExit,
} from "@slipway/step-protocol";

/** From `serve`, which is trusted, one JSON text a line. */
export type SupervisorOrder =
  | {
      readonly kind: "start";
      readonly id: string;
      readonly command: StepCommand;
      /** Name of the FIFO beside the socket; left out for the container's own output. */
      readonly output?: string;
    }
  | { readonly kind: "cancel" | "kill"; readonly id: string };

/** From `supervise`, which is not. */
export type SupervisorReport =
  | { readonly kind: "here"; readonly facts: JobContainerFacts }
  | { readonly kind: "exit"; readonly id: string; readonly exit: StepExit };

/** An order carries the environments of job and step, which the hook sent in a frame each. */
export const MAX_ORDER_BYTES = 2 * MAX_FRAME_BYTES;
/** A report carries two texts for people at most, which `toWireError` has cut. */
export const MAX_REPORT_BYTES = 64 * 1024;

/** A report as it may be believed; undefined for anything else. */
export function checkedReport(value: unknown): SupervisorReport | undefined {
  if (!isFields(value)) return undefined;
  const { kind, facts, id, exit } = value;
  if (kind === "here" && isFields(facts)) {
    const { isAlpine, uid, gid } = facts;
    if (typeof isAlpine !== "boolean" || !isNumber(uid) || !isNumber(gid)) return undefined;
    return { kind, facts: { isAlpine, uid, gid } };
  }
  if (kind !== "exit" || typeof id !== "string" || !isFields(exit)) return undefined;
  const { exitCode } = exit;
  if (!isNumber(exitCode) || exitCode > 255) return undefined;
  const failure = checkedWireError(exit["failure"]);
  return { kind, id, exit: failure === undefined ? { exitCode } : { exitCode, failure } };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** User ids have 32 bits. */
function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
