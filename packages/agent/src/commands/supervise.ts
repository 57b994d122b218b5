import { once } from "node:events";
import { constants, open } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { BuildError } from "@slipway/core";
import type { AgentIo } from "../agent-io.ts";
import type { SuperviseOptions } from "../command-options.ts";
import { containerEnvironment } from "../settings.ts";
import { containerFacts } from "../supervise/container-facts.ts";
import { jsonLine, readJsonLines } from "../supervise/json-lines.ts";
import { Program } from "../supervise/program.ts";
import { MAX_ORDER_BYTES, type SupervisorOrder } from "../supervise/supervisor-messages.ts";

const SOCKET = "/__slipway/io/supervisor.sock";
/** `sync` starts at the same time, from an image that the node has. */
const PATIENCE_SECONDS = 300;
const INTERVAL_MS = 25;

/**
 * Starts programs when `serve` says so; process 1 of the job container. Daemons that programs leave behind become children of process 1;
 * Node waits only for those that it has started itself, so their zombies stay in the process table until the pod is gone. To reap them
 * would need native code. A template that matters to can set `shareProcessNamespace`: then the pause container does it.
 */
export async function supervise(options: SuperviseOptions, io: AgentIo): Promise<void> {
  const { socket = SOCKET, timeoutSeconds = PATIENCE_SECONDS } = options;
  const connection = await connected(socket, timeoutSeconds);
  const programs = new Map<string, Program>();
  const killAll = () => {
    for (const program of programs.values()) program.kill();
  };
  // Where this is not process 1 of the pod, its programs would outlive it.
  process.once("exit", killAll);
  connection.write(jsonLine({ kind: "here", facts: containerFacts() }));
  const lost = await obey(connection, dirname(socket), programs, io);
  throw new BuildError(
    "POD_LOST",
    "The container `sync` of this pod has ended, so no step can run any more",
    {
      remedy: "See what ended it, with kubectl describe; then run the job again",
      cause: lost,
    },
  );
}

/** Until the connection ends; gives what it says about that. */
async function obey(connection: Socket, folder: string, programs: Map<string, Program>, io: AgentIo) {
  try {
    for await (const order of readJsonLines(connection, MAX_ORDER_BYTES)) {
      const { id, kind, ...rest } = order as SupervisorOrder & { kind: string };
      if (kind === "cancel") programs.get(id)?.cancel();
      else if (kind === "kill") programs.get(id)?.kill();
      else if (kind === "start") run(order as StartOrder, folder, programs, connection, io);
      else throw new Error(`There came an order ${kind} with ${Object.keys(rest)}`);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

type StartOrder = Extract<SupervisorOrder, { kind: "start" }>;

function run(
  { id, command, output }: StartOrder,
  folder: string,
  programs: Map<string, Program>,
  connection: Socket,
  io: AgentIo,
): void {
  const environment = containerEnvironment();
  const openOutput = output === undefined ? undefined : () => openForWriting(join(folder, basename(output)));
  const program = new Program(
    command,
    openOutput === undefined ? { environment } : { environment, openOutput },
  );
  programs.set(id, program);
  void program.ended.then(async (exit) => {
    programs.delete(id);
    connection.write(jsonLine({ kind: "exit", id, exit }));
    // Nobody asks about the program that runs beside the steps: its container's log is where people look.
    if (output === undefined && exit.failure !== undefined) await io.write(`${exit.failure.message}\n`);
  });
}

/** Blocks a thread until `serve` reads, which it does already. Never without waiting: the program would inherit that, and fail when the pipe is full. */
function openForWriting(path: string): Promise<number> {
  return promisify(open)(path, constants.O_WRONLY);
}

async function connected(path: string, timeoutSeconds: number): Promise<Socket> {
  let connection: Socket | undefined;
  let refusal: unknown;
  const deadline = performance.now() + timeoutSeconds * 1000;
  while (connection === undefined && performance.now() < deadline) {
    const attempt = connect(path);
    try {
      await once(attempt, "connect");
      connection = attempt;
    } catch (error) {
      refusal = error;
      await delay(INTERVAL_MS);
    }
  }
  if (connection !== undefined) return connection;
  throw new BuildError("TIMED_OUT", `Nobody listened on ${path} within ${timeoutSeconds} seconds`, {
    remedy: "See in the log of the container `sync` of this pod why it did not start",
    cause: refusal,
  });
}
