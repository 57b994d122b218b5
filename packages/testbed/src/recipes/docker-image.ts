import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type ArtifactStore, folderIngredients } from "../artifact-store.ts";
import { PATH, place } from "../image-folder.ts";
import { versions } from "../versions.ts";
import { debianRoot, ROOTLESS_UID } from "./debian-root.ts";
import { imageArtifact } from "./image-recipe.ts";
import { recipeSource } from "./recipe-sources.ts";

const TAG = `docker.io/library/docker:${versions.debianDocker}-dind`;

/** Debian's Docker, daemon and client with buildx, in the place of docker:dind. */
export function dockerImage(store: ArtifactStore): Artifact {
  return imageArtifact(
    { name: "docker", tags: [TAG], bases: [debianRoot("docker")], parts: {}, config: { Cmd: ["sh"] } },
    store,
  );
}

/** The same in the place of docker:dind-rootless: everything in it runs as a user, the daemon as root of a user namespace. */
export async function rootlessDockerImage(store: ArtifactStore): Promise<Artifact> {
  const runtimeFolder = `/run/user/${ROOTLESS_UID}`;
  return imageArtifact(
    {
      name: "docker-rootless",
      tags: [`${TAG}-rootless`],
      bases: [debianRoot("docker")],
      parts: {},
      ingredients: await folderIngredients(recipeSource("docker-rootless")),
      fill: async (root) => {
        const script = "dockerd-entrypoint.sh";
        await place(recipeSource("docker-rootless", script), root, `usr/local/bin/${script}`);
        await mkdir(join(root, runtimeFolder), { recursive: true });
        await chown(join(root, runtimeFolder), ROOTLESS_UID, ROOTLESS_UID);
      },
      config: {
        Cmd: ["sh"],
        User: String(ROOTLESS_UID),
        Env: [PATH, "HOME=/home/rootless", `XDG_RUNTIME_DIR=${runtimeFolder}`],
      },
    },
    store,
  );
}
