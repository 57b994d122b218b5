import { BuildError } from "@slipway/core";
import { statusBodyOf } from "../client/status-failure.ts";
import type { ExecTarget } from "./exec-target.ts";

interface ExitStatus {
  readonly status?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

const GONE =
  /container not found|not running|does not exist|cannot exec in a (stopped|deleted)|pods? "?[^ ]*"? not found|deleted state/i;
const CANNOT_START =
  /executable file not found|no such file or directory|permission denied|exec format error/i;

/** The exit code in the status frame that ends an exec (k8s.io/apimachinery, remotecommand v4). Throws when there is none. */
export function exitCodeOf(frame: Buffer, target: ExecTarget): number {
  const status = parse(frame);
  if (status.status === "Success") return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
  if (cause !== undefined && /^\d+$/.test(cause.message ?? "")) return Number(cause.message);
  throw execRefusal(statusBodyOf(frame).message, target);
}

/** Why a command could not be run in a container, told apart by the words of kubelet and runtime. */
export function execRefusal(text: string, target: ExecTarget): BuildError {
  const where = `container ${target.container} of pod ${target.pod}`;
  if (GONE.test(text)) {
    return new BuildError("POD_LOST", `${where} is not there to run a command in: ${text}`, {
      remedy: "Look at the events of the pod; it may have been evicted or deleted",
    });
  }
  if (CANNOT_START.test(text)) {
    return new BuildError("INVALID_CONFIG", `${target.command[0]} cannot be started in ${where}: ${text}`, {
      remedy: "Check the image of that container",
    });
  }
  return new BuildError(
    "CLUSTER_UNAVAILABLE",
    `the node could not run a command in ${where}: ${text || "no reason given"}`,
    {
      remedy: "Look at the node and its kubelet",
    },
  );
}

function parse(frame: Buffer): ExitStatus {
  try {
    const value: unknown = JSON.parse(frame.toString("utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
