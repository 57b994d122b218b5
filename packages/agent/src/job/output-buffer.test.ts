import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { OutputBuffer } from "./output-buffer.ts";

const never = new AbortController().signal;

async function textFrom(buffer: OutputBuffer, offset: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of buffer.from(offset, never)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test.each([1, 3, 65_535, 65_536, 65_537, 200_000])(
  "output written in pieces of %i comes from any offset",
  async (size) => {
    const [buffer, bytes] = [new OutputBuffer(), randomBytes(size < 10 ? 1000 : 400_000)];
    for (let at = 0; at < bytes.length; at += size) await buffer.append(bytes.subarray(at, at + size));
    buffer.end();
    for (const offset of [0, 1, 65_536, 65_537, bytes.length - 1, bytes.length].filter(
      (at) => at <= bytes.length,
    )) {
      expect((await textFrom(buffer, offset)).equals(bytes.subarray(offset)), `from ${offset}`).toBe(true);
    }
  },
);

test("who reads gets what is written later, up to the end", async () => {
  const buffer = new OutputBuffer();
  const reading = textFrom(buffer, 0);
  await buffer.append(Buffer.from("a"));
  await buffer.append(Buffer.from("b"));
  buffer.end();
  expect((await reading).toString()).toBe("ab");
});

test("who writes waits until enough is released", async () => {
  const buffer = new OutputBuffer(10);
  await buffer.append(Buffer.from("123456789"));
  let hasRoom = false;
  const waiting = buffer.append(Buffer.from("012")).then(() => {
    hasRoom = true;
  });
  buffer.release(2);
  await new Promise(setImmediate);
  expect(hasRoom).toBe(false);
  buffer.release(3);
  await waiting;
});

test("what was released is not given again, nor what never came", async () => {
  const buffer = new OutputBuffer();
  await buffer.append(Buffer.from("abc"));
  buffer.release(2);
  buffer.release(1);
  buffer.end();
  for (const offset of [1, 4]) await expect(textFrom(buffer, offset)).rejects.toThrow(/the bytes 2 to 3/);
  expect((await textFrom(buffer, 2)).toString()).toBe("c");
});

test("nobody waits for output that is dropped, and it costs no memory", async () => {
  const buffer = new OutputBuffer(10);
  const waiting = buffer.append(Buffer.alloc(20));
  buffer.drop();
  await waiting;
  await buffer.append(Buffer.alloc(1000));
  await expect(textFrom(buffer, 21)).rejects.toThrow(/the bytes 20 to 20/);
});

test("a reader that breaks off ends", async () => {
  const [buffer, gone] = [new OutputBuffer(), new AbortController()];
  const reading = buffer.from(0, gone.signal).next();
  gone.abort();
  expect((await reading).done).toBe(true);
});
