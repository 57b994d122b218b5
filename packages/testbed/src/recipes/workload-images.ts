import { chown, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, ArtifactStore } from "../artifact-store.ts";
import { type ImageConfig, PATH, place, placeText } from "../image-folder.ts";
import { runCommand } from "../run-command.ts";
import { versions } from "../versions.ts";
import { alpineImage, muslNode, nodeForMusl } from "./alpine-image.ts";
import { bareImage } from "./bare-image.ts";
import { fillBusybox } from "./busybox-files.ts";
import { debianRoot } from "./debian-root.ts";
import { goProgram } from "./go-program.ts";
import { type ImageRecipe, imageArtifact } from "./image-recipe.ts";
import { pythonImage } from "./python-image.ts";

/** An image that the mirror serves, by the repository and tags of its real name. */
export interface MirroredImage {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly artifact: Artifact;
  /** Left out where it cannot be made: tests that need it say so. */
  readonly optional?: boolean;
}

export const RUNNER_UID = 1001;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const runnerConfig: ImageConfig = {
  Env: [`${PATH}:/home/runner/externals/node20/bin`, "HOME=/home/runner"],
  User: String(RUNNER_UID),
  WorkingDir: "/home/runner",
  Cmd: ["/bin/bash"],
};

const kanikoConfig: ImageConfig = {
  Env: [`${PATH}:/kaniko`, "HOME=/root", "USER=root", "SSL_CERT_DIR=/kaniko/ssl/certs"],
  WorkingDir: "/workspace",
  Entrypoint: ["/kaniko/executor"],
};

/** The registry's program in an image of its own. */
export function registryImage(store: ArtifactStore): Artifact {
  const recipe: ImageRecipe = {
    name: "registry",
    tags: ["slipway-testbed/registry:local"],
    bases: [debianRoot("registry")],
    parts: {},
    // base-files makes these links, and is not in a root of bare packages: without them no loader is found.
    fill: async (root) => {
      await symlink("usr/lib", join(root, "lib"));
      await symlink("usr/lib64", join(root, "lib64"));
    },
    config: { Entrypoint: ["/usr/bin/docker-registry"], Cmd: ["serve", "/etc/slipway/config.yml"] },
  };
  return imageArtifact(recipe, store);
}

/** Where the base images come from: Debian packages, or images that could be pulled. */
export interface BaseRoots {
  readonly debian: Artifact;
  /** Undefined: made from Debian's static busybox. */
  readonly busybox: Artifact | undefined;
  /** Undefined: a stand-in of musl and busybox. */
  readonly alpine: Artifact | undefined;
  /** Lowest first. */
  readonly python: readonly Artifact[];
}

/** Debian with what the runner's image has and the hook needs: user 1001, Node 20 under `externals`, CA certificates. */
function runnerImage(store: ArtifactStore, roots: BaseRoots): Artifact {
  const recipe: ImageRecipe = {
    name: "runner",
    tags: ["ghcr.io/actions/actions-runner:latest"],
    bases: [roots.debian],
    parts: {},
    ingredients: [process.version, "stand-in 1"],
    fill: fillRunner,
    config: runnerConfig,
  };
  return imageArtifact(recipe, store);
}

/** The same with Node for musl, as the real one has it: an image of its own, since it is large and seldom needed. */
function muslRunnerImage(store: ArtifactStore, roots: BaseRoots): Artifact {
  const recipe: ImageRecipe = {
    name: "runner-musl",
    tags: ["ghcr.io/actions/actions-runner:musl"],
    bases: [roots.debian],
    parts: { node: muslNode() },
    ingredients: [process.version, "stand-in 1"],
    fill: async (root, parts) => {
      await nodeForMusl(root, parts["node"] ?? "");
      await fillRunner(root);
    },
    config: runnerConfig,
  };
  return imageArtifact(recipe, store);
}

async function fillRunner(root: string): Promise<void> {
  await place(process.execPath, root, "home/runner/externals/node20/bin/node");
  await mkdir(join(root, "home/runner/_work"));
  await placeText(
    "root:x:0:0:root:/root:/bin/bash\nrunner:x:1001:1001::/home/runner:/bin/bash\n",
    root,
    "etc/passwd",
  );
  await placeText("root:x:0:\nrunner:x:1001:\n", root, "etc/group");
  await place(CERTIFICATES, root, CERTIFICATES.slice(1), 0o644);
  await runCommand(["chown", "-R", `${RUNNER_UID}:${RUNNER_UID}`, join(root, "home/runner")]);
  await chown(join(root, "home/runner"), RUNNER_UID, RUNNER_UID);
}

export async function kanikoImage(store: ArtifactStore): Promise<Artifact> {
  const recipe: ImageRecipe = {
    name: "kaniko",
    tags: [`gcr.io/kaniko-project/executor:${versions.googleKaniko}`],
    bases: [],
    parts: { kaniko: await goProgram("kaniko") },
    fill: async (root, parts) => {
      await place(join(parts["kaniko"] ?? "", "executor"), root, "kaniko/executor");
      await mkdir(join(root, "kaniko/.docker"));
      await place(CERTIFICATES, root, "kaniko/ssl/certs/ca-certificates.crt", 0o644);
    },
    config: kanikoConfig,
  };
  return imageArtifact(recipe, store);
}

function busyboxImage(store: ArtifactStore): Artifact {
  const recipe: ImageRecipe = {
    name: "busybox",
    tags: ["docker.io/library/busybox:1.37"],
    bases: [],
    parts: { busybox: debianRoot("busybox") },
    fill: (root, parts) => fillBusybox(root, parts["busybox"] ?? ""),
    config: { Cmd: ["sh"] },
  };
  return imageArtifact(recipe, store);
}

function debianImage(store: ArtifactStore, roots: BaseRoots): Artifact {
  const recipe: ImageRecipe = {
    name: "debian",
    tags: ["docker.io/library/debian:trixie-slim"],
    bases: [roots.debian],
    parts: {},
    config: { Cmd: ["bash"] },
  };
  return imageArtifact(recipe, store);
}

/** What the mirror serves whatever the platform: base images and the runner, under the names that people write. */
export function mirroredImages(store: ArtifactStore, roots: BaseRoots): MirroredImage[] {
  const busybox = roots.busybox === undefined ? busyboxImage(store) : pulledBusybox(store, roots.busybox);
  return [
    { repository: "library/busybox", tags: ["1.37", "latest"], artifact: busybox },
    {
      repository: "library/debian",
      tags: ["trixie-slim", "trixie", "latest"],
      artifact: debianImage(store, roots),
    },
    { repository: "library/python", tags: ["3.13-slim"], artifact: pythonImage(store, roots.python) },
    { repository: "slipway-testbed/bare", tags: ["latest"], artifact: bareImage(store, roots.busybox) },
    { repository: "actions/actions-runner", tags: ["latest"], artifact: runnerImage(store, roots) },
    {
      repository: "actions/actions-runner",
      tags: ["musl"],
      artifact: muslRunnerImage(store, roots),
      optional: true,
    },
    { repository: "library/alpine", tags: ["3.20"], artifact: alpineImage(store, roots.alpine) },
  ];
}

function pulledBusybox(store: ArtifactStore, root: Artifact): Artifact {
  const recipe: ImageRecipe = {
    name: "busybox",
    tags: ["docker.io/library/busybox:1.37"],
    bases: [root],
    parts: {},
    config: { Cmd: ["sh"] },
  };
  return imageArtifact(recipe, store);
}
