import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { listenForSupervisor } from "./supervisor-link.ts";

async function listening() {
  const folder = mkdtempSync(join(tmpdir(), "link-"));
  const socket = join(folder, "supervisor.sock");
  const link = await listenForSupervisor({ socket, folder });
  onTestFinished(() => {
    link.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { link, socket };
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  // The other end may hang up on it.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

const facts = { isAlpine: false, uid: 1, gid: 2 };
const HERE = `${JSON.stringify({ kind: "here", facts })}\n`;
const command = { id: "a", entryPoint: "sh", args: [], environment: {}, prependPath: [] };

describe("the socket for supervise", () => {
  it("is open to any user", async () => {
    const { socket } = await listening();
    expect(statSync(socket).mode & 0o777).toBe(0o666);
  });

  it("takes one supervisor and nobody after it", async () => {
    const { link, socket } = await listening();
    const first = await connected(socket);
    first.write(HERE);
    expect(await link.facts).toEqual(facts);
    const second = await connected(socket);
    second.write(HERE.replace("false", "true"));
    await new Promise((resolve) => second.once("close", resolve));
    first.destroy();
    expect(await link.lost).toMatchObject({ code: "POD_LOST" });
    const third = await connected(socket);
    await new Promise((resolve) => third.once("close", resolve));
    const late = link.start(command, () => undefined);
    await expect(late.exited).rejects.toMatchObject({ code: "POD_LOST" });
  });

  it.each([
    ["that is no JSON", "hello\n"],
    ["that is unknown", '{"kind":"dance"}\n'],
    ["that has no end", "x".repeat(70_000)],
    ["with an exit code out of range", '{"kind":"exit","id":"a","exit":{"exitCode":1e9}}\n'],
  ])("ends with a message %s, and no step is green", async (_what, text) => {
    const { link, socket } = await listening();
    const supervisor = await connected(socket);
    supervisor.write(HERE);
    const program = link.start(command, () => undefined);
    await once(supervisor, "data");
    supervisor.write(text);
    await expect(program.exited).rejects.toMatchObject({ code: "POD_LOST" });
    expect(await link.lost).toMatchObject({ code: "POD_LOST", cause: { code: "INTERNAL" } });
  });

  it("believes no exit of a program that was not started", async () => {
    const { link, socket } = await listening();
    const supervisor = await connected(socket);
    const exit = (id: string, exitCode: number) =>
      `${JSON.stringify({ kind: "exit", id, exit: { exitCode } })}\n`;
    supervisor.write(HERE + exit("a", 0) + exit("b", 0));
    await link.facts;
    const program = link.start(command, () => undefined);
    await once(supervisor, "data");
    supervisor.write(exit("b", 0) + exit("a", 4) + exit("a", 0));
    expect(await program.exited).toEqual({ exitCode: 4 });
  });
});
