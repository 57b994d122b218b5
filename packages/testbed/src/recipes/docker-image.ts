import type { Artifact, ArtifactStore } from "../artifact-store.ts";
import { versions } from "../versions.ts";
import { debianRoot } from "./debian-root.ts";
import { imageArtifact } from "./image-recipe.ts";

/** Debian's Docker, daemon and client with buildx, in the place of docker:dind. */
export function dockerImage(store: ArtifactStore): Artifact {
  return imageArtifact(
    {
      name: "docker",
      tags: [`docker.io/library/docker:${versions.debianDocker}-dind`],
      bases: [debianRoot("docker")],
      parts: {},
      config: { Cmd: ["sh"] },
    },
    store,
  );
}
