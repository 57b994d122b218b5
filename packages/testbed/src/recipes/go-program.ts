import { type Artifact, folderIngredients } from "../artifact-store.ts";
import { runCommand } from "../run-command.ts";
import { versions } from "../versions.ts";
import { recipeSource } from "./recipe-sources.ts";

interface GoProgram {
  /** Folder below `recipes-src`, and the artifact's name. */
  readonly name: string;
  readonly packages: readonly string[];
  /** `-X` settings of the linker. */
  readonly set?: Readonly<Record<string, string>>;
  /** Name of the binary where it is not the last part of the package. */
  readonly output?: string;
}

/** Go must not fetch another toolchain, and binaries must run in images that have no libc. */
const goEnvironment = {
  GOTOOLCHAIN: "local",
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=readonly -buildvcs=false",
  GO111MODULE: "on",
  GOWORK: "off",
};

const [major = "", minor = ""] = versions.kubernetes.slice(1).split(".");
const kubernetesNames = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubeadm",
  "kubelet",
  "kubectl",
];

const kubernetes: GoProgram = {
  name: "kubernetes",
  packages: kubernetesNames.map((name) => `k8s.io/kubernetes/cmd/${name}`),
  set: {
    "k8s.io/component-base/version.gitVersion": versions.kubernetes,
    "k8s.io/component-base/version.gitMajor": major,
    "k8s.io/component-base/version.gitMinor": minor,
    "k8s.io/component-base/version.gitTreeState": "clean",
  },
};

const kaniko: GoProgram = {
  name: "kaniko",
  packages: ["github.com/GoogleContainerTools/kaniko/cmd/executor"],
  set: { "github.com/GoogleContainerTools/kaniko/pkg/version.version": versions.googleKaniko },
};

const programs = {
  kubernetes,
  kaniko,
  kind: { name: "kind", packages: ["sigs.k8s.io/kind"] },
  etcd: { name: "etcd", packages: ["."], output: "etcd" },
  coredns: { name: "coredns", packages: ["."], output: "coredns" },
  pause: { name: "pause", packages: ["."], output: "pause" },
  "runc-wrapper": { name: "runc-wrapper", packages: ["."], output: "runc-wrapper" },
} satisfies Record<string, GoProgram>;

export type GoProgramName = keyof typeof programs;

/** A folder with the static binaries of one Go module of `recipes-src`. */
export async function goProgram(name: GoProgramName): Promise<Artifact> {
  const program: GoProgram = programs[name];
  const linkerFlags = [
    "-s",
    "-w",
    ...Object.entries(program.set ?? {}).map(([key, value]) => `-X ${key}=${value}`),
  ].join(" ");
  return {
    name,
    ingredients: [linkerFlags, ...program.packages, ...(await folderIngredients(recipeSource(name)))],
    make: async (folder, note) => {
      let compiled = 0;
      const output = program.output === undefined ? `${folder}/` : `${folder}/${program.output}`;
      await runCommand(
        ["go", "build", "-v", "-trimpath", "-ldflags", linkerFlags, "-o", output, ...program.packages],
        {
          cwd: recipeSource(name),
          env: goEnvironment,
          onLine: (line) => {
            if (!line.startsWith("go: ")) compiled += 1;
            note(line.startsWith("go: ") ? line.slice(4) : `${compiled} packages compiled`);
          },
        },
      );
    },
  };
}

/** The folder of a module's files, downloaded if need be: kind ships the files of its node image in its own. */
export async function goModuleFolder(name: GoProgramName, module: string): Promise<string> {
  const options = { cwd: recipeSource(name), env: goEnvironment };
  await runCommand(["go", "mod", "download", module], options);
  return (await runCommand(["go", "list", "-m", "-f", "{{.Dir}}", module], options)).trim();
}
