import type { WebSocket } from "ws";
import type { Connection } from "../client/connection.ts";
import type { ExecOutcome, ExecStreams } from "../kube-api.ts";
import { type ExecScope, ExecSession } from "./exec-session.ts";
import type { ExecTarget } from "./exec-target.ts";
import { openExec } from "./open-exec.ts";

/** Repeats the opening of a connection until it succeeds or cannot. */
export type Opener = (attempt: (connection: Connection) => Promise<WebSocket>) => Promise<WebSocket>;

/**
 * Runs a command in a container. Resolves with the exit code that the server reported, and only then: a connection that ends without
 * it rejects with CLUSTER_UNAVAILABLE, POD_LOST when the container is gone.
 */
export async function execInPod(
  target: ExecTarget,
  streams: ExecStreams,
  scope: ExecScope,
  open: Opener,
): Promise<ExecOutcome> {
  const socket = await open((connection) => openExec(connection, target, streams.stdin !== undefined, scope));
  return new ExecSession(socket, target, streams, scope).run();
}
