import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KitHost } from "../../kit/kit-host.ts";
import { startMemoryHost } from "../../kit/memory-host.ts";
import { writeLayout } from "./write-layout.ts";

/** What the reference builder is tested on. */
export interface ReferenceBed {
  readonly host: KitHost;
  readonly config: object;
  close(): Promise<void>;
}

/** Registries in memory, with a base image whose shell is the machine's own: RUN of the reference builder needs none in it. */
export async function startReferenceBed(): Promise<ReferenceBed> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-reference-bed-"));
  try {
    const base = await writeShellBase(folder);
    const host = await startMemoryHost({ base });
    const auths = {
      "{{registry.host}}": { username: "{{registry.username}}", password: "{{registry.password}}" },
    };
    return { host, config: { auths }, close: () => host.close() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The layout of a base image with one file, in a folder. */
export async function writeShellBase(folder: string): Promise<string> {
  const root = join(folder, "root");
  const layout = join(folder, "layout");
  await mkdir(join(root, "etc"), { recursive: true });
  await writeFile(join(root, "etc/kit-base"), "a base image for the tests of the kit\n");
  await writeLayout({ root, config: {}, architecture: process.arch === "arm64" ? "arm64" : "amd64" }, layout);
  return layout;
}
