import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { place } from "../image-folder.ts";
import { controlPlaneTags, versions } from "../versions.ts";
import { debianRoot } from "./debian-root.ts";
import { goProgram } from "./go-program.ts";
import type { ImageRecipe } from "./image-recipe.ts";

/** The images that kubeadm asks for, under the names it asks for. */
export async function controlPlaneImages(): Promise<ImageRecipe[]> {
  const kubernetes = await goProgram("kubernetes");
  const fromKubernetes = (name: string): ImageRecipe => ({
    name,
    tags: [`registry.k8s.io/${name}:${versions.kubernetes}`],
    bases: name === "kube-proxy" ? [debianRoot("iptables")] : [],
    parts: { kubernetes },
    ingredients: [name],
    fill: async (root, parts) => {
      await place(join(parts["kubernetes"] ?? "", name), root, `usr/local/bin/${name}`);
      if (name === "kube-proxy") await linkIptables(root);
    },
    config: { Entrypoint: [`/usr/local/bin/${name}`] },
  });
  return [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"].map(fromKubernetes),
    {
      name: "etcd",
      tags: [controlPlaneTags.etcd],
      bases: [],
      parts: { etcd: await goProgram("etcd") },
      fill: (root, parts) => place(join(parts["etcd"] ?? "", "etcd"), root, "usr/local/bin/etcd"),
      config: { Entrypoint: ["/usr/local/bin/etcd"] },
    },
    {
      name: "coredns",
      tags: [controlPlaneTags.coredns],
      bases: [],
      parts: { coredns: await goProgram("coredns") },
      fill: (root, parts) => place(join(parts["coredns"] ?? "", "coredns"), root, "coredns"),
      config: { Entrypoint: ["/coredns"], WorkingDir: "/" },
    },
    {
      name: "pause",
      tags: controlPlaneTags.pause,
      bases: [],
      parts: { pause: await goProgram("pause") },
      fill: (root, parts) => place(join(parts["pause"] ?? "", "pause"), root, "pause"),
      config: { Entrypoint: ["/pause"], User: "65535:65535" },
    },
  ];
}

/** The links that Debian's alternatives would make: no maintainer script ran in that root. */
async function linkIptables(root: string): Promise<void> {
  await mkdir(join(root, "usr/sbin"), { recursive: true });
  for (const family of ["iptables", "ip6tables"]) {
    for (const suffix of ["", "-save", "-restore"])
      await symlink("xtables-nft-multi", join(root, "usr/sbin", `${family}${suffix}`));
  }
}
