import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FEATURES, type Feature } from "@slipway/core";
import { expect, it } from "vitest";
import { dindDefaults, FIELD_MEANINGS } from "../src/config.ts";
import { RELEASES, supportedFeatures } from "../src/docker-releases.ts";

const page = join(import.meta.dirname, "../../../docs/dind.md");

it("docs/dind.md says what the code says (UPDATE_GOLDEN=1 rewrites it)", async () => {
  const text = [...head(), ...configuration(), "", ...features(), ""].join("\n");
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});

function head(): string[] {
  return [
    "# Docker in a pod",
    "",
    "`SLIPWAY_BUILDER=dind` builds with a Docker daemon of its own for every build, beside a client, in one pod. It builds what Docker builds,",
    "since it is Docker; for that it needs a privileged container, so the namespace has to be labelled",
    "`pod-security.kubernetes.io/enforce=privileged`. What that means is in [security.md](security.md): read it before you set",
    "`acceptPrivileged`. Where kaniko builds your actions, take [kaniko](kaniko.md). This page is made from `packages/builder-dind/src`.",
    "",
    "```sh",
    "SLIPWAY_BUILDER=dind",
    `SLIPWAY_BUILDER_CONFIG='{ "acceptPrivileged": true, "storage": "40Gi" }'`,
    "```",
    "",
    "- The daemon listens on a Unix socket that daemon and client alone see, never on TCP. It ends before the credential for pushing appears.",
    "- RUN has the network of the pod, as with kaniko: no bridge whose MTU or subnet could be wrong, and no packet filter in the node's kernel.",
    "- Hosts in `SLIPWAY_PLAIN_HTTP_REGISTRIES` may be spoken to in plain HTTP, `SLIPWAY_REGISTRY_CA_FILE` is trusted for every registry.",
    "- `# syntax=docker/dockerfile:…` downloads nothing: the Dockerfile frontend is the daemon's own, of the version in the table below.",
    "- The default image is pinned by its full version, not by digest. Pin it by digest (`image: docker@sha256:…` with `version`) where that",
    "  matters to you, and mirror it where docker.io is not reachable.",
    "- An image of your own needs `sh`, `dockerd`, `docker` with buildx, and git for `ADD` of a repository.",
    "- `rootless` needs nodes with user namespaces and `/dev/net/tun` for everyone, `userns` needs Kubernetes 1.33 and containerd 2. The test bed builds with the first, and has",
    "  no node for the second. Without root RUN is in a network that slirp4netns makes, with the MTU of the pod's interface.",
    "- On cgroup v2 the image's own start script keeps what RUN uses within the limits of the pod; images of Docker before 29 leave that to the runtime.",
    "",
  ];
}

function configuration(): string[] {
  const defaults = dindDefaults();
  return [
    "## `SLIPWAY_BUILDER_CONFIG`",
    "",
    "JSON, or the path of a file with JSON. A field that is not in this table is an error.",
    "",
    "| field | default | meaning |",
    "|---|---|---|",
    ...Object.entries(FIELD_MEANINGS).map(([field, meaning]) => {
      const value = defaults[field];
      return `| \`${field}\` | ${value === undefined ? "none" : `\`${JSON.stringify(value)}\``} | ${meaning} |`;
    }),
  ];
}

function features(): string[] {
  const names = Object.keys(FEATURES) as Feature[];
  const has = (feature: Feature) =>
    RELEASES.map(({ since }) => (supportedFeatures(since).includes(feature) ? "yes" : "refused"));
  return [
    "## Features",
    "",
    "What a version of Docker does not have, or does otherwise than the Dockerfile reference says, is refused before anything starts, with the",
    "line that needs it. The first column comes from builds on the test bed, the later ones from Docker's documentation.",
    "",
    `| feature | ${RELEASES.map(({ since, frontend }) => `Docker ${since.major}.${since.minor} (frontend ${frontend})`).join(" | ")} | meaning |`,
    `|---|${RELEASES.map(() => "---|").join("")}---|`,
    ...names.map(
      (name) => `| \`${name}\` | ${has(name).join(" | ")} | ${FEATURES[name].replaceAll("|", "\\|")} |`,
    ),
  ];
}
