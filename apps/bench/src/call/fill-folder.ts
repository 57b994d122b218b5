import { randomFillSync } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FillRequest } from "./call-request.ts";

const FOLDERS = 100;

/** Random content: nothing may profit from compressing it. */
export function fillFolder({ folder, files, bytes }: FillRequest): void {
  rmSync(folder, { recursive: true, force: true });
  for (let index = 0; index < FOLDERS; index += 1) mkdirSync(join(folder, `${index}`), { recursive: true });
  const content = Buffer.alloc(Math.round(bytes / files));
  for (let index = 0; index < files; index += 1)
    writeFileSync(join(folder, `${index % FOLDERS}`, `file-${index}`), randomFillSync(content));
}
