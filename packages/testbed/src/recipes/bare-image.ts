import { join } from "node:path";
import type { Artifact, ArtifactStore } from "../artifact-store.ts";
import { place } from "../image-folder.ts";
import { runCommand } from "../run-command.ts";
import { debianRoot } from "./debian-root.ts";
import { type ImageRecipe, imageArtifact } from "./image-recipe.ts";

/** As good as nothing: one static program at /tools/busybox, no shell where one is looked for, no /etc, and a user that nobody knows. */
export function bareImage(store: ArtifactStore, busybox: Artifact | undefined): Artifact {
  const recipe: ImageRecipe = {
    name: "bare",
    tags: ["docker.io/slipway-testbed/bare:latest"],
    bases: [],
    parts: { busybox: busybox ?? debianRoot("busybox") },
    fill: async (root, parts) => {
      const tar = join(parts["busybox"] ?? "", "root.tar");
      const rename = "--transform=s,.*/busybox,busybox,";
      await runCommand(["tar", "-C", root, "-xf", tar, "--wildcards", rename, "*bin/busybox"]);
      await place(join(root, "busybox"), root, "tools/busybox");
      await runCommand(["rm", join(root, "busybox")]);
    },
    config: { Entrypoint: ["/tools/busybox"], User: "4711:4712" },
  };
  return imageArtifact(recipe, store);
}
