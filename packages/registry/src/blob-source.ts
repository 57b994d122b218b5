import type { Digest } from "@slipway/core";

/** Bytes that can be read again from anywhere; they are read as they are sent, never kept. */
export interface BlobSource {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** The bytes from `start` up to, not including, `end`. */
  open(start: number, end: number): AsyncIterable<Uint8Array>;
}

export interface UploadOptions {
  /** A repository of the same registry that has the blob. */
  readonly mountFrom?: string | undefined;
  /** Bytes for one PATCH; 64 MiB, because proxies limit the size of a request. Smaller blobs go with one PUT. */
  readonly chunkBytes?: number;
  /** Called with the bytes of this blob that the registry has. */
  readonly onProgress?: (bytes: number) => void;
}
