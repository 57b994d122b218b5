import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type ArtifactStore, artifactKey } from "./artifact-store.ts";
import type { Folders } from "./folders.ts";
import type { Progress } from "./progress.ts";
import { debianRoot } from "./recipes/debian-root.ts";
import { type GoProgramName, goProgram } from "./recipes/go-program.ts";
import { nodeImage } from "./recipes/node-image.ts";
import { type MirroredImage, mirroredImages, registryImage } from "./recipes/workload-images.ts";
import { versions } from "./versions.ts";

/** Everything that must exist before a cluster can be made, where nothing can be pulled. */
export interface BuiltParts {
  readonly nodeImage: Artifact;
  readonly registryImage: Artifact;
  readonly mirrored: readonly MirroredImage[];
}

export async function builtParts(store: ArtifactStore): Promise<BuiltParts> {
  return {
    nodeImage: await nodeImage(store),
    registryImage: registryImage(store),
    mirrored: await mirroredImages(store),
  };
}

/** Changes whenever any part does: a cluster made from other parts is made anew. */
export function partsKey(parts: BuiltParts): string {
  return [parts.nodeImage, parts.registryImage, ...parts.mirrored.map(({ artifact }) => artifact)]
    .map(artifactKey)
    .join(" ");
}

/** Number of steps that `buildParts` takes. */
export const BUILD_STEPS = 9;

/** Builds what is missing, Kubernetes beside everything else: linking keeps only one core busy. */
export async function buildParts(parts: BuiltParts, store: ArtifactStore, progress: Progress): Promise<void> {
  const step = (title: string, artifacts: readonly Artifact[]): Promise<void> =>
    progress.step(title, async ({ note, kept }) => {
      if (artifacts.every((artifact) => store.has(artifact))) return kept();
      for (const artifact of artifacts) await store.ensure(artifact, note);
    });
  const go = async (name: GoProgramName, title: string): Promise<void> =>
    step(title, [await goProgram(name)]);
  const beside = async (): Promise<void> => {
    await step("Debian roots", [debianRoot("node"), debianRoot("debian"), debianRoot("iptables")]);
    await go("kind", `kind ${versions.kind}`);
    await step("runtime wrapper and pause", [await goProgram("runc-wrapper"), await goProgram("pause")]);
    await go("etcd", `etcd ${versions.etcd}`);
    await go("coredns", `CoreDNS ${versions.coredns}`);
    await go("kaniko", `Kaniko ${versions.googleKaniko}`);
    await step("images of registry, runner, Kaniko, Debian, busybox", [
      parts.registryImage,
      ...parts.mirrored.map((image) => image.artifact),
    ]);
  };
  await settleBoth(go("kubernetes", `Kubernetes ${versions.kubernetes}, seven programs`), beside());
  await step("node image", [parts.nodeImage]);
}

/** Waits for both even when one fails: a build that goes on unseen would race with the next `up`. */
async function settleBoth(...work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The programs for a shell, in one folder that holds nothing else. */
export async function linkPrograms(
  folders: Folders,
  programs: Readonly<Record<string, string>>,
): Promise<string> {
  const bin = join(folders.state, "bin");
  await mkdir(bin, { recursive: true });
  for (const [name, target] of Object.entries(programs)) {
    await rm(join(bin, name), { force: true });
    await symlink(target, join(bin, name));
  }
  return bin;
}
