import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { EntryHeader } from "../src/entry-header.ts";
import { StreamWriter } from "../src/stream-writer.ts";

/** An empty folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "filetree-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function collected(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The bytes in chunks of the given size. */
export async function* chunked(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A valid stream with whatever entries are wanted; content of files is zeros. */
export function streamOf(...headers: EntryHeader[]): Buffer {
  const writer = new StreamWriter();
  for (const header of headers) {
    writer.header(header);
    if (header.type === "file") writer.content(header.size).fill(0);
  }
  return Buffer.concat(writer.end().chunks);
}

export function file(path: string, size = 3): EntryHeader {
  return { type: "file", path, mode: 0o644, mtimeNs: 0n, size };
}

export function folder(path: string, mode = 0o755): EntryHeader {
  return { type: "folder", path, mode, mtimeNs: 0n };
}

export function symlink(path: string, target: string): EntryHeader {
  return { type: "symlink", path, target, mtimeNs: 0n };
}

/** Name, type, mode, links, target and (to the microsecond) time of all that is in a folder, as find(1) sees it. */
export function listing(root: string, { times = true } = {}): string {
  const format = `%P %y %m %n %l ${times ? "%TY%Tm%Td%TH%TM%TS" : ""}\\0`;
  const found = execFileSync("find", [root, "-mindepth", "1", "-printf", format], { encoding: "latin1" });
  return found
    .split("\0")
    .map((line) => line.replace(/(\.\d{6})\d+$/, "$1"))
    .sort()
    .join("\n");
}

/** Fails unless the contents are the same, says diff(1). */
export function assertSameContent(a: string, b: string): void {
  execFileSync("diff", ["-r", "--no-dereference", a, b]);
}

/** Runs as a user without privileges where this process is root, and as itself where it is not. */
export async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}
