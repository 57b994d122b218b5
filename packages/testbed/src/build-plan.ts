import type { Artifact, ArtifactStore } from "./artifact-store.ts";
import type { Parts } from "./parts.ts";
import type { Progress } from "./progress.ts";
import { debianRoot } from "./recipes/debian-root.ts";
import { goProgram } from "./recipes/go-program.ts";
import { versions } from "./versions.ts";

interface BuildStep {
  readonly title: string;
  readonly artifacts: readonly Artifact[];
  /** Nice to have: what cannot be made is named, and left out. */
  readonly optional?: readonly Artifact[];
}

/** Steps in the order in which they are made; those of `beside` run while `first` does. */
export interface BuildPlan {
  readonly first: readonly BuildStep[];
  readonly beside: readonly BuildStep[];
  readonly last: readonly BuildStep[];
}

/** Kubernetes takes the longest, and leaves a core idle while it links: everything else is made beside it. */
export async function buildPlan(parts: Parts, withKind: boolean): Promise<BuildPlan> {
  const kind = withKind ? [{ title: `kind ${versions.kind}`, artifacts: [await goProgram("kind")] }] : [];
  const images = {
    title: "base images and runner",
    ...mirrorArtifacts(parts),
  };
  if (parts.nodeImage === undefined) return { first: kind, beside: [images], last: [] };
  const registry = parts.registryImage === undefined ? [] : [parts.registryImage];
  return {
    first: [
      {
        title: `Kubernetes ${versions.kubernetes}, seven programs`,
        artifacts: [await goProgram("kubernetes")],
      },
    ],
    beside: [
      {
        title: "Debian roots",
        artifacts: [debianRoot("node"), debianRoot("debian"), debianRoot("iptables")],
      },
      ...kind,
      {
        title: "runtime wrapper and pause",
        artifacts: [await goProgram("runc-wrapper"), await goProgram("pause")],
      },
      { title: `etcd ${versions.etcd}`, artifacts: [await goProgram("etcd")] },
      { title: `CoreDNS ${versions.coredns}`, artifacts: [await goProgram("coredns")] },
      { title: `Kaniko ${versions.googleKaniko}`, artifacts: [await goProgram("kaniko")] },
      { ...images, artifacts: [...registry, ...images.artifacts] },
    ],
    last: [{ title: "node image", artifacts: [parts.nodeImage] }],
  };
}

/** What the mirror serves, as a part of a step. */
export function mirrorArtifacts({ mirrored }: Parts): Omit<BuildStep, "title"> {
  const [optional, artifacts] = [true, false].map((wanted) =>
    mirrored.filter((image) => (image.optional === true) === wanted).map(({ artifact }) => artifact),
  );
  return { artifacts: artifacts ?? [], optional: optional ?? [] };
}

export function stepCount({ first, beside, last }: BuildPlan): number {
  return first.length + beside.length + last.length;
}

/** Makes what is missing. */
export async function carryOut(plan: BuildPlan, store: ArtifactStore, progress: Progress): Promise<void> {
  const inOrder = async (steps: readonly BuildStep[]): Promise<void> => {
    for (const { title, artifacts, optional = [] } of steps) {
      await progress.step(title, async ({ note, kept }) => {
        if ([...artifacts, ...optional].every((artifact) => store.has(artifact))) return kept();
        for (const artifact of artifacts) await store.ensure(artifact, note);
        for (const artifact of optional)
          await store.ensure(artifact, note).catch(() => note(`without ${artifact.name}`));
      });
    }
  };
  // Both are waited for even when one fails: a build that goes on unseen would race with the next `up`.
  const failed = (await Promise.allSettled([inOrder(plan.first), inOrder(plan.beside)])).find(
    (side) => side.status === "rejected",
  );
  if (failed !== undefined) throw failed.reason;
  await inOrder(plan.last);
}
