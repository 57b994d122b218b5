import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type ArtifactStore, artifactKey, folderIngredients } from "../artifact-store.ts";
import { imageArchive, makeLayer, PATH, place, placeText, writeImageFolder } from "../image-folder.ts";
import { withPrivateContainerd } from "../private-containerd.ts";
import { runCommand } from "../run-command.ts";
import { versions } from "../versions.ts";
import { controlPlaneImages } from "./control-plane-images.ts";
import { debianRoot } from "./debian-root.ts";
import { goModuleFolder, goProgram } from "./go-program.ts";
import { imageArtifact } from "./image-recipe.ts";
import { recipeSource } from "./recipe-sources.ts";

const UNITS = ["reject-unknown-services.service", "masquerade-pods.service", "tun-for-everyone.service"];
const FORMAT = "node image format 4";
/** In the node: changes of the manifests that kubeadm writes. */
export const KUBEADM_PATCHES = "/kind/kubeadm-patches";
const PRODUCT_FILES = "mount-product-files.sh";
const PRODUCT_FILES_HOOK = `/kind/bin/${PRODUCT_FILES}`;

/** The name that the node image of an artifact has in Docker. */
export function nodeImageTag(artifact: Artifact): string {
  return `slipway-testbed/node:${artifactKey(artifact).slice("node-image-".length)}`;
}

/**
 * What kind expects of a node image (the Dockerfile of kind's base image, and `kind build node-image`), made from
 * Debian packages, the files in kind's own module, Kubernetes' programs, and a containerd store that has the control plane.
 */
export async function nodeImage(store: ArtifactStore): Promise<Artifact> {
  const images = (await controlPlaneImages()).map((recipe) => imageArtifact(recipe, store));
  const kubernetes = await goProgram("kubernetes");
  const root = debianRoot("node");
  const ingredients = [FORMAT, versions.kind, ...(await folderIngredients(recipeSource("node-image")))];
  const artifact: Artifact = {
    name: "node-image",
    ingredients: [...ingredients, ...[...images, kubernetes, root].map(artifactKey)],
    make: async (folder, note) => {
      const binaries = await store.ensure(kubernetes, note);
      const base = join(await store.ensure(root, note), "root.tar");
      note("files of kind");
      await makeLayer(join(folder, "files.tar"), (layer) => fillNode(layer, binaries));
      note("images of the control plane");
      const folders: string[] = [];
      for (const image of images) folders.push(await store.ensure(image, note));
      await makeLayer(join(folder, "containerd.tar"), (layer) => fillContainerd(layer, folders));
      note("putting the layers together");
      await writeImageFolder(folder, {
        tags: [nodeImageTag(artifact)],
        layers: [base, join(folder, "files.tar"), join(folder, "containerd.tar")],
        config: {
          Env: [PATH, "container=docker"],
          Entrypoint: ["/usr/local/bin/entrypoint", "/sbin/init"],
          StopSignal: "SIGRTMIN+3",
        },
        compress: false,
      });
      await runCommand(["rm", join(folder, "files.tar"), join(folder, "containerd.tar")]);
    },
  };
  return artifact;
}

async function fillNode(layer: string, binaries: string): Promise<void> {
  const files = join(await goModuleFolder("kind", "sigs.k8s.io/kind"), "images", "base", "files");
  await cp(files, layer, { recursive: true });
  // Files in a Go module cache are read-only and lose their modes.
  await runCommand(["chmod", "-R", "u=rwX,go=rX", layer]);
  await runCommand(["sh", "-ec", `chmod 0755 "$1"/usr/local/bin/* "$1"/kind/bin/*`, "sh", layer]);
  for (const name of ["kubeadm", "kubelet", "kubectl"])
    await place(join(binaries, name), layer, `usr/bin/${name}`);
  await placeText(versions.kubernetes, layer, "kind/version");
  // Memory is there, processors are few: kubelet and containerd collect their garbage less often.
  await placeText(
    "[Manager]\nDefaultEnvironment=GOGC=400\n",
    layer,
    "etc/systemd/system.conf.d/slipway.conf",
  );
  await placeText("[Journal]\nReadKMsg=no\n", layer, "etc/systemd/journald.conf.d/kind.conf");
  await mkdir(join(layer, "etc/kubernetes/manifests"), { recursive: true });
  await place(
    recipeSource("node-image", "10-slipway.conflist"),
    layer,
    "etc/cni/net.d/10-slipway.conflist",
    0o644,
  );
  await mkdir(join(layer, "opt/cni"), { recursive: true });
  await symlink("/usr/lib/cni", join(layer, "opt/cni/bin"));
  for (const unit of UNITS)
    await place(recipeSource("node-image", unit), layer, `etc/systemd/system/${unit}`, 0o644);
  await place(recipeSource("node-image", PRODUCT_FILES), layer, PRODUCT_FILES_HOOK.slice(1));
  await cp(recipeSource("node-image", "kubeadm-patches"), join(layer, KUBEADM_PATCHES), { recursive: true });
  await configureContainerd(layer);
  await enableUnits(layer);
}

async function configureContainerd(layer: string): Promise<void> {
  const config = join(layer, "etc/containerd/config.toml");
  const text = await readFile(config, "utf8");
  const changed = text
    // Root here may lack CAP_SYS_RESOURCE: lowering a score then fails, and with it every container start.
    .replace("restrict_oom_score_adj = false", "restrict_oom_score_adj = true")
    // A unit of systemd for every container takes time from builds; the kubelet is told the same in kind's configuration.
    .replaceAll("SystemdCgroup = true", "SystemdCgroup = false");
  const added = await readFile(recipeSource("node-image", "containerd-append.toml"), "utf8");
  await writeFile(config, changed + added);
  const unit = join(layer, "etc/systemd/system/containerd.service");
  const unitText = await readFile(unit, "utf8");
  await writeFile(
    unit,
    unitText.replace(/^OOMScoreAdjust=.*\n/m, "").replace("/usr/local/bin/containerd", "/usr/bin/containerd"),
  );
  const spec = JSON.parse(await runCommand(["ctr", "oci", "spec"])) as {
    process: { rlimits?: unknown };
    hooks?: object;
  };
  delete spec.process.rlimits;
  spec.hooks = { createContainer: [{ path: PRODUCT_FILES_HOOK }] };
  await placeText(JSON.stringify(spec), layer, "etc/containerd/cri-base.json");
}

async function enableUnits(layer: string): Promise<void> {
  const units = join(layer, "etc/systemd/system");
  await mkdir(join(units, "multi-user.target.wants"), { recursive: true });
  for (const unit of ["kubelet.service", "containerd.service", "undo-mount-hacks.service", ...UNITS]) {
    await symlink(`/etc/systemd/system/${unit}`, join(units, "multi-user.target.wants", unit));
  }
  await symlink("/dev/null", join(units, "systemd-binfmt.service"));
}

/** Imports images into a containerd store of the version that the node runs, and leaves the store in the layer. */
async function fillContainerd(layer: string, folders: readonly string[]): Promise<void> {
  const store = join(layer, "var/lib/containerd");
  await withPrivateContainerd(store, async (ctr) => {
    for (const folder of folders) {
      await runCommand([...ctr, "-n", "k8s.io", "images", "import", "--all-platforms", "--no-unpack", "-"], {
        input: imageArchive(folder),
      });
    }
  });
}
