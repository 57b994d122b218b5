import { expect, test } from "vitest";
import {
  encodeFrame,
  encodeMessage,
  FRAME,
  type Frame,
  FrameReader,
  frameHeader,
  treeFrames,
} from "./index.ts";

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function allOf(reader: FrameReader): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) frames.push(frame);
  return frames;
}

const frames: readonly Frame[] = [
  { kind: FRAME.message, payload: Buffer.from('{"kind":"put"}') },
  { kind: FRAME.tree, payload: Buffer.alloc(300, 7) },
  { kind: FRAME.treeEnd, payload: Buffer.alloc(0) },
  { kind: FRAME.output, payload: Buffer.from([0, 255, 10]) },
];
const wire = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));

test.each([1, 2, 4, 5, 6, 7, 64, 10_000])("frames come through in chunks of %i bytes", async (size) => {
  expect(await allOf(new FrameReader(chunked(wire, size)))).toEqual(frames);
});

test("a connection that ends between two frames ends the reading, and in one breaks it, wherever that is", async () => {
  const ends = new Set([0]);
  let at = 0;
  for (const { payload } of frames) {
    at += 5 + payload.length;
    ends.add(at);
  }
  for (let length = 0; length <= wire.length; length += 1) {
    const reading = allOf(new FrameReader(chunked(wire.subarray(0, length), 50)));
    if (ends.has(length)) await reading;
    else await expect(reading, `cut after ${length}`).rejects.toMatchObject({ code: "CLUSTER_UNAVAILABLE" });
  }
});

test.each([
  ["an unknown kind", encodeFrame(0x21 as never, Buffer.from("x"))],
  ["a length beyond the limit", frameHeader(FRAME.output, 101)],
])("%s is refused before its payload is waited for", async (_what, bytes) => {
  const reader = new FrameReader(chunked(bytes, 3), { maxBytes: 100 });
  await expect(reader.next()).rejects.toMatchObject({ code: "INVALID_REQUEST" });
});

test("takes no more off the connection than it needs", async () => {
  let taken = 0;
  async function* counted(): AsyncGenerator<Buffer, void> {
    for await (const chunk of chunked(wire, 10)) {
      taken += 1;
      yield chunk;
    }
  }
  await new FrameReader(counted()).next();
  expect(taken).toBe(2);
});

test("a tree ends at its end frame; messages within it are handed on", async () => {
  const cancel = encodeMessage({ kind: "cancel" });
  const [piece, end] = [encodeFrame(FRAME.tree, Buffer.from("ab")), encodeFrame(FRAME.treeEnd)];
  const reader = new FrameReader(chunked(Buffer.concat([piece, cancel, piece, end, cancel]), 9));
  const [pieces, messages]: [string[], Frame[]] = [[], []];
  for await (const chunk of treeFrames(reader, (frame) => messages.push(frame))) pieces.push(String(chunk));
  expect([pieces, messages.length, (await reader.next())?.kind]).toEqual([["ab", "ab"], 1, FRAME.message]);
});

test.each([
  ["the connection ends", [], "CLUSTER_UNAVAILABLE"],
  ["output comes", [encodeFrame(FRAME.output)], "INVALID_REQUEST"],
  ["a message comes that nobody takes", [encodeMessage({ kind: "cancel" })], "INVALID_REQUEST"],
])("a tree breaks when %s in it", async (_what, then, code) => {
  const reader = new FrameReader(chunked(Buffer.concat([encodeFrame(FRAME.tree), ...then]), 5));
  const reading = async () => {
    for await (const _ of treeFrames(reader));
  };
  await expect(reading()).rejects.toMatchObject({ code });
});
