import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { BuildError, cancellation, type Digest } from "@slipway/core";
import type { Descriptor } from "./image-manifest.ts";

const READ_BYTES = 256 * 1024;
// A FIFO would block an open for reading for ever; a link would lead out of the layout.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The error for a layout that is not what a builder writes. */
export function tampered(problem: string, cause?: unknown): BuildError {
  return new BuildError("RESULT_UNVERIFIED", `the build's output is not one sound image: ${problem}`, {
    remedy:
      "Build again; if it persists, look for an instruction of the Dockerfile that writes to the builder's own folders",
    cause,
  });
}

export function tooLarge(size: number, limit: number): BuildError {
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return new BuildError(
    "RESOURCE_EXHAUSTED",
    `the image has ${mebibytes(size)}, more than the limit of ${mebibytes(limit)}`,
    {
      remedy: "Make the image smaller, or raise the limit for the size of images",
    },
  );
}

/** The files of a layout, opened so that nothing but regular files of the layout is ever read. */
export class LayoutFiles {
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;

  constructor(root: string, signal: AbortSignal | undefined) {
    this.#root = root;
    this.#signal = signal;
  }

  /** O_NOFOLLOW looks at the last part of a path only: the folders before it must be folders. */
  async assertFolders(): Promise<void> {
    for (const folder of ["", "blobs", "blobs/sha256"]) {
      const found = await lstat(join(this.#root, folder)).catch((error: unknown) => {
        throw tampered(`the folder ${folder === "" ? "of the layout" : folder} is missing`, error);
      });
      if (!found.isDirectory()) throw tampered(`${folder === "" ? "the layout" : folder} is not a folder`);
    }
  }

  async readJson(name: string, limit: number): Promise<unknown> {
    const bytes = await this.#withFile(name, async (file, size) => {
      if (size > limit) throw tampered(`${name} is larger than ${limit} bytes`);
      return readExactly(file, size, name);
    });
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch (error) {
      throw tampered(`${name} is not JSON`, error);
    }
  }

  /** A blob in memory, verified. The caller has looked at its size. */
  async readBlob(blob: Descriptor): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#verified(blob)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }

  async verify(blob: Descriptor): Promise<void> {
    const chunks = this.#verified(blob);
    while (!(await chunks.next()).done);
  }

  /** The bytes of a blob from `start` up to, not including, `end`. Each chunk is the caller's own. */
  async *open(blob: Descriptor, start: number, end: number): AsyncGenerator<Buffer, void> {
    const name = nameOf(blob);
    const file = await this.#openFile(name);
    try {
      const { size } = await file.stat();
      if (size !== blob.size) throw tampered(`${name} has ${size} bytes, its descriptor says ${blob.size}`);
      yield* this.#bytes(file, name, start, end);
    } finally {
      await file.close();
    }
  }

  /** All bytes of a blob, however many they are. */
  async *whole(digest: Digest): AsyncGenerator<Buffer, void> {
    const name = nameOf({ digest });
    const file = await this.#openFile(name);
    try {
      yield* this.#bytes(file, name, 0, (await file.stat()).size);
    } finally {
      await file.close();
    }
  }

  async *#bytes(file: FileHandle, name: string, start: number, end: number): AsyncGenerator<Buffer, void> {
    for (let at = start; at < end; ) {
      if (this.#signal?.aborted) throw cancellation(this.#signal);
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw tampered(`${name} became shorter while it was read`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async *#verified(blob: Descriptor): AsyncGenerator<Buffer, void> {
    const hash = createHash("sha256");
    for await (const chunk of this.open(blob, 0, blob.size)) {
      hash.update(chunk);
      yield chunk;
    }
    if (`sha256:${hash.digest("hex")}` !== blob.digest)
      throw tampered(`${nameOf(blob)} does not hash to its name`);
  }

  async #withFile<T>(name: string, use: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
    const file = await this.#openFile(name);
    try {
      return await use(file, (await file.stat()).size);
    } finally {
      await file.close();
    }
  }

  async #openFile(name: string): Promise<FileHandle> {
    const file = await open(join(this.#root, name), FLAGS).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ELOOP") throw tampered(`${name} is a symbolic link`, error);
      throw tampered(
        error.code === "ENOENT" ? `${name} is missing` : `${name} cannot be opened (${error.code})`,
        error,
      );
    });
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw tampered(`${name} is not a regular file`);
  }
}

function nameOf({ digest }: Pick<Descriptor, "digest">): string {
  return `blobs/${digest.replace(":", "/")}`;
}

async function readExactly(file: FileHandle, size: number, name: string): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, 0);
  if (bytesRead !== size) throw tampered(`${name} became shorter while it was read`);
  return buffer;
}
