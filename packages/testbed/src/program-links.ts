import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "./artifact-store.ts";
import type { Folders } from "./folders.ts";
import { goProgram } from "./recipes/go-program.ts";
import { tryCommand } from "./run-command.ts";
import { versions } from "./versions.ts";

/** The folder with the programs for a shell, and nothing else in it. */
export function programFolder(folders: Folders): string {
  return join(folders.state, "bin");
}

export async function linkProgram(folders: Folders, name: string, target: string): Promise<string> {
  const link = join(programFolder(folders), name);
  await mkdir(programFolder(folders), { recursive: true });
  await rm(link, { force: true });
  await symlink(target, link);
  return link;
}

/** True when the `kind` on PATH is of the pinned minor version: no need for one of our own. */
export async function hasKind(): Promise<boolean> {
  const { code, stdout } = await tryCommand(["kind", "version", "-q"]).catch(() => ({ code: 1, stdout: "" }));
  const minor = versions.kind.split(".").slice(0, 2).join(".");
  return code === 0 && `v${stdout.trim().replace(/^v/, "")}`.startsWith(`${minor}.`);
}

export async function kindProgram(store: ArtifactStore): Promise<string> {
  return (await hasKind()) ? "kind" : join(store.pathOf(await goProgram("kind")), "kind");
}
