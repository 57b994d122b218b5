import { join } from "node:path";
import type { Artifact } from "../artifact-store.ts";
import { runCommand } from "../run-command.ts";
import { versions } from "../versions.ts";

interface DebianRoot {
  readonly name: string;
  readonly suite: string;
  /** `extract`: the packages' files and nothing else; no maintainer script runs. */
  readonly variant: "minbase" | "extract";
  readonly include: readonly string[];
  /** Shell commands with the root in `$1`. */
  readonly hooks?: readonly string[];
}

const NODE_PACKAGES =
  "systemd,systemd-sysv,containerd,runc,containernetworking-plugins,conntrack,iptables,iproute2,ethtool,util-linux,mount,kmod," +
  "libseccomp2,pigz,e2fsprogs,bash,ca-certificates,curl,jq,procps";

/** The units that the Dockerfile of kind's base image removes: in a container they hang or fail. */
const REMOVE_UNITS = [
  'find "$1"/lib/systemd/system/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete',
  'rm -f "$1"/lib/systemd/system/multi-user.target.wants/* "$1"/etc/systemd/system/*.wants/* "$1"/lib/systemd/system/local-fs.target.wants/*',
  'rm -f "$1"/lib/systemd/system/sockets.target.wants/*udev* "$1"/lib/systemd/system/sockets.target.wants/*initctl* "$1"/lib/systemd/system/basic.target.wants/*',
];
const SLIM = [
  'rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/locale/* "$1"/var/cache/apt/*',
];

/** The user of a Docker without root, as in docker:dind-rootless. */
export const ROOTLESS_UID = 1000;
/** With a range of users and groups of its own: `useradd` writes /etc/subuid and /etc/subgid. */
const ADD_ROOTLESS_USER = `chroot "$1" useradd --uid ${ROOTLESS_UID} --create-home rootless`;

const roots = {
  /** bookworm: its systemd 252 still boots on cgroup v1, trixie's does not. */
  node: {
    name: "node-root",
    suite: versions.nodeSuite,
    variant: "minbase",
    include: NODE_PACKAGES.split(","),
    hooks: [...REMOVE_UNITS, ...SLIM],
  },
  debian: {
    name: "debian-root",
    suite: versions.baseSuite,
    variant: "minbase",
    include: ["ca-certificates"],
    hooks: SLIM,
  },
  iptables: {
    name: "iptables-root",
    suite: versions.nodeSuite,
    variant: "extract",
    include: ["iptables", "conntrack", "kmod"],
    hooks: SLIM,
  },
  registry: {
    name: "registry-root",
    suite: versions.baseSuite,
    variant: "extract",
    include: ["docker-registry"],
    hooks: SLIM,
  },
  /** Docker with what its daemon calls in a pod: git and xz for ADD of a repository and of such an archive, as docker:dind has them; and what it needs to run without root. */
  docker: {
    name: "docker-root",
    suite: versions.baseSuite,
    variant: "minbase",
    include: [
      "ca-certificates",
      "docker.io",
      "docker-cli",
      "docker-buildx",
      "git",
      "iptables",
      "iproute2",
      "rootlesskit",
      "slirp4netns",
      "uidmap",
      "xz-utils",
    ],
    hooks: [ADD_ROOTLESS_USER, ...SLIM],
  },
  python: {
    name: "python-root",
    suite: versions.baseSuite,
    variant: "extract",
    include: ["python3-minimal"],
    hooks: SLIM,
  },
  musl: {
    name: "musl-root",
    suite: versions.baseSuite,
    variant: "extract",
    include: ["musl"],
    hooks: SLIM,
  },
  busybox: {
    name: "busybox-root",
    suite: versions.baseSuite,
    variant: "extract",
    include: ["busybox-static"],
    hooks: SLIM,
  },
} satisfies Record<string, DebianRoot>;

export type DebianRootName = keyof typeof roots;

/** A folder with `root.tar`: a Debian file system made from packages. */
export function debianRoot(name: DebianRootName): Artifact {
  const root: DebianRoot = roots[name];
  return {
    name: root.name,
    ingredients: [JSON.stringify(root)],
    make: async (folder, note) => {
      const hooks = (root.hooks ?? []).map((hook) => `--customize-hook=${hook}`);
      const include = `--include=${root.include.join(",")}`;
      const target = join(folder, "root.tar");
      await runCommand(["mmdebstrap", `--variant=${root.variant}`, include, ...hooks, root.suite, target], {
        onLine: (line) => note(line.slice(0, 60)),
      });
    },
  };
}
