import type { Digest } from "@slipway/core";

/** Where an image is read from. */
export interface ImageSource {
  /** For messages. */
  readonly name: string;
  readonly manifest: SourceManifest;
  /**
   * All bytes of a blob, whatever they are. Rejects with RESULT_UNVERIFIED where there is no such blob; with anything
   * else where it cannot be known.
   */
  openBlob(digest: Digest): AsyncIterable<Uint8Array>;
  /** Lets go of connections. */
  close(): void;
}

/** A manifest as it is stored, not looked at yet. */
export interface SourceManifest {
  /** By which it was found. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** As the descriptor says that led to it, where one did. */
  readonly size?: number;
}
