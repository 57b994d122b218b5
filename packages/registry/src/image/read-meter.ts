import { BuildError } from "@slipway/core";

/** How much of an image was read: told as it comes in, and ends the reading above a limit. */
export interface ReadMeter {
  entry(): void;
  /** Uncompressed bytes of archives: a small layer can unpack to any size. */
  unpacked(bytes: number): void;
  /** Content of files, with the holes of sparse ones, which take no room in an archive. */
  content(bytes: number): void;
}

export interface ReadLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** Its functions throw RESOURCE_EXHAUSTED above the limits. */
export function createReadMeter(image: string, { maxBytes, maxEntries }: ReadLimits): ReadMeter {
  let entries = 0;
  let unpacked = 0;
  let content = 0;
  const assertBelow = (value: number, limit: number, what: string) => {
    if (value <= limit) return;
    throw new BuildError(
      "RESOURCE_EXHAUSTED",
      `${image} has more than ${limit} ${what}: it is not read any further`,
      {
        remedy: "Look for an instruction that makes endless files; or raise the limit",
      },
    );
  };
  return {
    entry: () => {
      entries += 1;
      assertBelow(entries, maxEntries, "entries in its layers");
    },
    unpacked: (bytes) => {
      unpacked += bytes;
      assertBelow(unpacked, maxBytes, "bytes in its layers");
    },
    content: (bytes) => {
      content += bytes;
      assertBelow(content, maxBytes, "bytes in its files");
    },
  };
}
