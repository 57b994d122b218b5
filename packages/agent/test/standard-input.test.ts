import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { packTree } from "@slipway/filetree";
import { expect, onTestFinished, test } from "vitest";
import { loadAgentSource } from "../src/testing/index.ts";
import { scratch } from "./agent-process.ts";

/** Both ends of a pipe whose reader gets EAGAIN instead of waiting, as whoever starts the agent may have made it. */
function pipeThatDoesNotWait(): { readonly reader: number; readonly writer: number } {
  const path = join(scratch(), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY) };
}

test("standard input that does not wait for bytes is read to its end", async () => {
  const [runner, home, into] = [scratch(), scratch(), scratch()];
  for (const name of ["a", "b"]) writeFileSync(join(runner, name), name);
  const chunks: Buffer[] = [];
  for await (const chunk of packTree([{ from: runner, to: "" }])) chunks.push(chunk);
  const stream = Buffer.concat(chunks);
  const half = stream.indexOf('"path":"b"');

  const { reader, writer } = pipeThatDoesNotWait();
  // A shell in between: what Node passes on as standard input itself, it makes wait again.
  const shell = ["-c", 'exec "$@" <&3', "sh", process.execPath, "-e", await loadAgentSource()];
  const agent = spawn("sh", [...shell, "unpack", JSON.stringify({ home, into })], {
    stdio: ["ignore", "pipe", "inherit", reader],
  });
  onTestFinished(() => void agent.kill("SIGKILL"));
  closeSync(reader);
  writeSync(writer, stream.subarray(0, half));
  while (!existsSync(join(into, "a"))) await delay(5);
  writeSync(writer, stream.subarray(half));
  closeSync(writer);

  const [printed, [exitCode]] = await Promise.all([agent.stdout?.toArray(), once(agent, "exit")]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(String(printed))).toMatchObject({ entries: 2, bytes: 2 });
  expect(readFileSync(join(into, "b"), "utf8")).toBe("b");
});
