/** Kinds of frames: one byte on the wire, then the length of the payload as four bytes, big-endian, then the payload. */
export const FRAME = {
  /** JSON: the request, or a message. */
  message: 0x4d,
  /** A piece of a tree stream. */
  tree: 0x54,
  /** The tree stream is over; its own trailer says whether it is whole. No payload. */
  treeEnd: 0x45,
  /** Output of the program, in order. */
  output: 0x4f,
} as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

/** Longest payload that is accepted: a request with the environment of a step is one frame. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Bytes before the payload. */
export const FRAME_HEADER_BYTES = 5;

const NOTHING = Buffer.alloc(0);

/** The header of a frame; the payload follows it as it is. */
export function frameHeader(kind: FrameKind, length: number): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(length, 1);
  return header;
}

/** A whole frame, in one piece: for small ones. Large payloads are cheaper written after their header. */
export function encodeFrame(kind: FrameKind, payload: Buffer = NOTHING): Buffer {
  return Buffer.concat([frameHeader(kind, payload.length), payload]);
}
