/** Every version that the test bed pins. Go modules have theirs in `recipes-src`, with sums. */
export const versions = {
  kind: "v0.33.0",
  kubernetes: "v1.34.4",
  etcd: "v3.6.16",
  coredns: "v1.14.7",
  googleKaniko: "v1.24.0",
  /** The maintained fork, the product's default, where it can be pulled. */
  kaniko: "v1.28.3",
  /** In Debian's release: what the test bed builds with where nothing can be pulled. */
  debianDocker: "26.1.5",
  /** The product's default image of Docker, where it can be pulled. */
  docker: "29.2.0",
  registryImage: "docker.io/library/registry:3.0.0",
  nodeSuite: "bookworm",
  baseSuite: "trixie",
} as const;

/** Names under which kubeadm 1.34 asks for what the node image brings along (`kubeadm config images list`). */
export const controlPlaneTags = {
  etcd: "registry.k8s.io/etcd:3.6.5-0",
  coredns: "registry.k8s.io/coredns/coredns:v1.12.1",
  pause: ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10.1"],
} as const;
