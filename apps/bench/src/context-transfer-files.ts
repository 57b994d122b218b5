import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A context to send: what it is called, and how it is made in a folder that does not exist yet. */
export interface SampleContext {
  readonly name: string;
  readonly bytes: number;
  /** Pairs of runs: the shorter one is, the more of them. */
  readonly pairs: number;
  readonly make: (folder: string) => void;
}

const BLOCK = 1 << 20;
const BLOCKS = 1024;
const FILES = 20_000;
const FILE_BYTES = 4096;
const FOLDERS = 200;

export const SAMPLE_CONTEXTS: readonly SampleContext[] = [
  { name: "1 GiB in one file", bytes: BLOCKS * BLOCK, pairs: 3, make: makeLarge },
  { name: "20,000 files of 4 KiB", bytes: FILES * FILE_BYTES, pairs: 5, make: makeSmall },
];

// Random content everywhere: nothing between the two ends may profit from compressing it.
function makeLarge(folder: string): void {
  mkdirSync(folder);
  const descriptor = openSync(join(folder, "large"), "w");
  const block = Buffer.alloc(BLOCK);
  for (let index = 0; index < BLOCKS; index += 1) writeSync(descriptor, randomFillSync(block));
  closeSync(descriptor);
}

function makeSmall(folder: string): void {
  const content = Buffer.alloc(FILE_BYTES);
  for (let index = 0; index < FILES; index += 1) {
    const parent = join(folder, `folder-${index % FOLDERS}`);
    if (index < FOLDERS) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `file-${index}`), randomFillSync(content));
  }
}
