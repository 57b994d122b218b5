import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { BuildError } from "@slipway/core";
import { agentHome, sessionSocket } from "../agent-home.ts";
import type { SessionOptions } from "../command-options.ts";
import { pollUntil } from "../poll-until.ts";

/** `serve` is started with its container; this exec may be faster. */
const START_SECONDS = 30;

/** Joins standard input and output with `serve`, until that has said everything. Its frames tell how it went, not the exit code. */
export async function session(options: SessionOptions): Promise<void> {
  const path = sessionSocket(agentHome(options));
  await pollUntil(() => existsSync(path), START_SECONDS);
  const socket = connect({ path, allowHalfOpen: true });
  const { stdin, stdout } = process;
  // What comes from the hook may break off at any time, or be of no interest any more: then there is still an answer to hand on.
  pipeline(stdin, socket, { end: true }).catch(() => undefined);
  try {
    await handOn(socket, stdout);
  } catch (error) {
    throw new BuildError(
      "POD_LOST",
      `The connection with the agent of the job pod broke (${reasonOf(error)})`,
      {
        remedy: "Look at the log of the container sync, and at the events of the pod",
        cause: error,
      },
    );
  } finally {
    socket.destroy();
    // The other end may hold it open for ever.
    stdin.destroy();
  }
}

async function handOn(socket: Socket, stdout: NodeJS.WriteStream): Promise<void> {
  // Nobody reads on: the connection has no purpose any more.
  stdout.on("error", (error) => socket.destroy(error));
  for await (const chunk of socket) if (!stdout.write(chunk as Buffer)) await once(stdout, "drain");
  await new Promise<void>((resolve, reject) => {
    stdout.write("", (error) => (error ? reject(error) : resolve()));
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
