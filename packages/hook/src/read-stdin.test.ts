import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readStdin } from "./read-stdin.ts";

const never = new AbortController().signal;

describe("readStdin", () => {
  it("reads characters that arrive in pieces", async () => {
    const stdin = new PassThrough();
    const bytes = Buffer.from('{"a":"ü"}\n');
    stdin.write(bytes.subarray(0, 7));
    stdin.end(bytes.subarray(7));
    expect(await readStdin(stdin, never)).toBe('{"a":"ü"}\n');
  });

  it("gives up when stdin is never closed", async () => {
    const stdin = new PassThrough();
    stdin.write("{}\n");
    await expect(readStdin(stdin, never, 20)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("not closed within"),
    });
  });

  it("ends with the reason of a signal", async () => {
    const reason = new Error("SIGINT");
    await expect(readStdin(new PassThrough(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
