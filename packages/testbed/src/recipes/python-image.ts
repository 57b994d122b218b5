import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, ArtifactStore } from "../artifact-store.ts";
import { imageArtifact } from "./image-recipe.ts";

/** Debian with Python, for steps with `shell: python`. */
export function pythonImage(store: ArtifactStore, bases: readonly Artifact[]): Artifact {
  return imageArtifact(
    {
      name: "python",
      tags: ["docker.io/library/python:3.13-slim"],
      bases,
      parts: {},
      // Debian calls it python3; the images of Docker Hub have it under both names, and steps ask for the short one.
      fill: async (root) => {
        await mkdir(join(root, "usr/local/bin"), { recursive: true });
        if (bases.length > 1) await symlink("/usr/bin/python3", join(root, "usr/local/bin/python"));
      },
      config: { Cmd: ["python3"] },
    },
    store,
  );
}
