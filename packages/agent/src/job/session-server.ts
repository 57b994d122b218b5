import { once } from "node:events";
import { renameSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { decodeRequest, type SessionRequest } from "@slipway/step-protocol";
import type { Job } from "./job.ts";
import { refuse, runSession } from "./session.ts";
import { SessionConnection } from "./session-connection.ts";

/** Listens for sessions on a Unix socket. */
export async function listenForSessions(path: string, job: Job): Promise<Server> {
  const sessions = new Sessions(job);
  const part = `${path}.part`;
  rmSync(part, { force: true });
  // Half open: who has sent all its files may say so, and still gets the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => void sessions.accept(socket));
  server.listen(part);
  await once(server, "listening");
  // Renamed into place: who finds it is answered. A socket has its name a moment before it listens.
  renameSync(part, path);
  return server;
}

/** One session at a time: the hook has but one, and a new one means that it has given the earlier one up. */
class Sessions {
  readonly #job: Job;
  #current: SessionConnection | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(job: Job) {
    this.#job = job;
  }

  /** Never rejects. */
  async accept(socket: Socket): Promise<void> {
    const connection = new SessionConnection(socket);
    const request = await requestOf(connection);
    if (request === undefined) return;
    this.#current?.abandon();
    this.#current = connection;
    this.#turn = this.#turn.then(() => runSession(request, connection, this.#job));
    await this.#turn;
  }
}

async function requestOf(connection: SessionConnection): Promise<SessionRequest | undefined> {
  try {
    const frame = await connection.next();
    if (frame !== undefined) return decodeRequest(frame);
  } catch (error) {
    await refuse(connection, error);
  }
  connection.end();
  return undefined;
}
