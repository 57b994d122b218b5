import { createCipheriv } from "node:crypto";

/** What the recipe says is in a file. */
export interface ContentRecipe {
  readonly text?: string;
  readonly base64?: string;
  readonly sizeBytes?: number;
}

/** The bytes of a file; undefined when the recipe names none. */
export function contentOf({ text, base64, sizeBytes }: ContentRecipe): Buffer | undefined {
  if (text !== undefined) return Buffer.from(text);
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return sizeBytes === undefined ? undefined : incompressible(sizeBytes);
}

/** A key stream of zeros: it looks random to every compressor, and is the same each time. */
function incompressible(bytes: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(bytes));
}
