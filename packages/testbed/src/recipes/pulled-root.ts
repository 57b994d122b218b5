import { join } from "node:path";
import type { Artifact } from "../artifact-store.ts";
import type { DockerClient } from "../docker-client.ts";

/** A folder with `root.tar`: the file system of an image that can be pulled, as one layer. */
export function pulledRoot(image: string, docker: DockerClient): Artifact {
  return {
    name: `pulled-${image.replaceAll(/[^a-z0-9.-]+/g, "-")}`,
    ingredients: [image],
    make: async (folder, note) => {
      note(image);
      await docker.run(["pull", image]);
      const container = (await docker.run(["create", image, "none"])).trim();
      try {
        await docker.run(["export", "--output", join(folder, "root.tar"), container]);
      } finally {
        await docker.run(["rm", container]);
      }
    },
  };
}
