import { type Artifact, type ArtifactStore, artifactKey } from "./artifact-store.ts";
import type { DockerClient } from "./docker-client.ts";
import { debianRoot } from "./recipes/debian-root.ts";
import { dockerImage, rootlessDockerImage } from "./recipes/docker-image.ts";
import { nodeImage } from "./recipes/node-image.ts";
import { pulledRoot } from "./recipes/pulled-root.ts";
import { kanikoImage, type MirroredImage, mirroredImages, registryImage } from "./recipes/workload-images.ts";
import { versions } from "./versions.ts";

/** Everything that a cluster is made from. */
export interface Parts {
  readonly online: boolean;
  /** Undefined: kind's own for its version. */
  readonly nodeImage: Artifact | undefined;
  /** Undefined: `registryName` can be pulled. */
  readonly registryImage: Artifact | undefined;
  readonly registryName: string;
  readonly mirrored: readonly MirroredImage[];
  readonly kanikoImage: string;
  readonly kanikoVersion: string;
  /** Docker with its daemon, and the version in it. */
  readonly dindImage: string;
  readonly dindVersion: string;
}

/** Parts made from Debian packages and Go modules alone. */
export async function builtParts(store: ArtifactStore): Promise<Parts> {
  const kaniko = {
    repository: "kaniko-project/executor",
    tags: [versions.googleKaniko],
    artifact: await kanikoImage(store),
  };
  const dockerTag = `${versions.debianDocker}-dind`;
  const docker = { repository: "library/docker", tags: [dockerTag], artifact: dockerImage(store) };
  const rootless = { ...docker, tags: [`${dockerTag}-rootless`], artifact: await rootlessDockerImage(store) };
  const debian = debianRoot("debian");
  const roots = { debian, busybox: undefined, alpine: undefined, python: [debian, debianRoot("python")] };
  return {
    online: false,
    nodeImage: await nodeImage(store),
    registryImage: registryImage(store),
    registryName: "docker.io/slipway-testbed/registry:local",
    mirrored: [...mirroredImages(store, roots), kaniko, docker, rootless],
    kanikoImage: `gcr.io/kaniko-project/executor:${versions.googleKaniko}`,
    kanikoVersion: versions.googleKaniko,
    dindImage: dockerName(versions.debianDocker),
    dindVersion: versions.debianDocker,
  };
}

/** Parts where images can be pulled: kind's node image, the product's default Kaniko, the real base images. */
export function pulledParts(store: ArtifactStore, docker: DockerClient): Parts {
  const roots = {
    debian: pulledRoot("docker.io/library/debian:trixie-slim", docker),
    busybox: pulledRoot("docker.io/library/busybox:1.37", docker),
    alpine: pulledRoot("docker.io/library/alpine:3.20", docker),
    python: [pulledRoot("docker.io/library/python:3.13-slim", docker)],
  };
  return {
    online: true,
    nodeImage: undefined,
    registryImage: undefined,
    registryName: versions.registryImage,
    mirrored: mirroredImages(store, roots),
    kanikoImage: `ghcr.io/osscontainertools/kaniko:${versions.kaniko}`,
    kanikoVersion: versions.kaniko,
    dindImage: dockerName(versions.docker),
    dindVersion: versions.docker,
  };
}

function dockerName(version: string): string {
  return `docker.io/library/docker:${version}-dind`;
}

export function clusterKey(parts: Parts): string {
  return parts.nodeImage === undefined ? versions.kind : artifactKey(parts.nodeImage);
}

/** Changes whenever any part does. */
export function partsKey(parts: Parts): string {
  const images = parts.mirrored.map(({ artifact }) => artifactKey(artifact));
  return [clusterKey(parts), parts.registryName, parts.kanikoImage, parts.dindImage, ...images].join(" ");
}
