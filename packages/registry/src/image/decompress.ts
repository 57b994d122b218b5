import { createGunzip, type Gunzip } from "node:zlib";
import { Decompress } from "fzstd";

export type Compression = "none" | "gzip" | "zstd";

/** By the media type of a layer, OCI's or Docker's. */
export function compressionOf(mediaType: string): Compression {
  return /[.+]gzip$/.test(mediaType) ? "gzip" : /[.+]zstd$/.test(mediaType) ? "zstd" : "none";
}

/** By the first bytes, as unpackers do who do not believe media types. */
export function compressionIn(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  return start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd ? "zstd" : "none";
}

/**
 * The uncompressed bytes. Damaged data ends them, and `onDamage` is told why; the source is read to its end in any case,
 * so that whoever hashes it has seen all of it.
 */
export function decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  onDamage: (problem: string) => void,
): AsyncIterable<Uint8Array> {
  if (compression === "gzip") return gunzip(source, onDamage);
  return compression === "zstd" ? unzstd(source, onDamage) : source;
}

async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  onDamage: (problem: string) => void,
): AsyncGenerator<Uint8Array, void> {
  const engine = createGunzip({ chunkSize: 128 * 1024 });
  const abandoned = new AbortController();
  const feeding = feed(source, engine, abandoned.signal);
  // Awaited below: it must not count as unhandled while the output is read.
  feeding.catch(() => engine.destroy());
  try {
    try {
      for await (const chunk of engine) yield chunk as Buffer;
    } catch (error) {
      onDamage((error as Error).message);
    }
    await feeding;
  } finally {
    abandoned.abort();
  }
}

/** Resolves when the source is read. Anything but zeros after the compressed data is an error of the engine. */
async function feed(
  source: AsyncIterable<Uint8Array>,
  engine: Gunzip,
  abandoned: AbortSignal,
): Promise<void> {
  for await (const chunk of source) {
    if (abandoned.aborted) break;
    if (engine.writable && !engine.readableEnded && !engine.write(chunk)) await drained(engine);
  }
  if (engine.writable) engine.end();
}

/** Resolves also when the engine broke. */
function drained(engine: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      engine.off("drain", done).off("close", done);
      resolve();
    };
    engine.on("drain", done).on("close", done);
  });
}

async function* unzstd(
  source: AsyncIterable<Uint8Array>,
  onDamage: (problem: string) => void,
): AsyncGenerator<Uint8Array, void> {
  let output: Uint8Array[] = [];
  let broken = false;
  const engine = new Decompress((chunk) => output.push(chunk));
  const push = (chunk: Uint8Array, last: boolean): Uint8Array[] => {
    output = [];
    try {
      if (!broken) engine.push(chunk, last);
    } catch (error) {
      broken = true;
      onDamage((error as Error).message);
    }
    return output;
  };
  for await (const chunk of source) yield* push(chunk, false);
  yield* push(new Uint8Array(0), true);
}
