import type { Feature } from "@slipway/core";
import { type DockerVersion, isAtLeast } from "./docker-version.ts";

/** What a release of Docker's built-in Dockerfile frontend has over the one before it: data, so that a new release is a new row. */
export interface DockerRelease {
  readonly since: DockerVersion;
  /** Of BuildKit's Dockerfile frontend in it. */
  readonly frontend: string;
  readonly features: readonly Feature[];
}

/**
 * Oldest first. A feature is listed only where the release does with it what the Dockerfile reference says: 26 takes a symbolic mode, and
 * sets another. RUN --security and --device are in no row, because the daemon would have to be told to hand out more than a build needs.
 * Secrets and SSH agents, which no request gives, are absent for RUN, or an error where they are required, as they are for `docker build`.
 */
export const RELEASES: readonly DockerRelease[] = [
  {
    since: { major: 26, minor: 0, patch: 0 },
    frontend: "1.7",
    features: [
      "build-args",
      "labels",
      "target",
      "platform",
      "from-platform",
      "run-heredoc",
      "copy-heredoc",
      "run-mount-bind",
      "run-mount-bind-from",
      "run-mount-cache",
      "run-mount-cache-options",
      "run-mount-tmpfs",
      "run-mount-secret",
      "run-mount-ssh",
      "run-network",
      "copy-link",
      "copy-chmod",
      "add-checksum",
      "add-git",
      "add-keep-git-dir",
      "healthcheck-start-interval",
    ],
  },
  { since: { major: 28, minor: 0, patch: 0 }, frontend: "1.14", features: ["copy-chmod-symbolic"] },
  { since: { major: 28, minor: 3, patch: 0 }, frontend: "1.17", features: ["add-unpack"] },
  { since: { major: 28, minor: 5, patch: 0 }, frontend: "1.19", features: ["copy-exclude"] },
  { since: { major: 29, minor: 1, patch: 0 }, frontend: "1.20", features: ["copy-parents"] },
];

/** What a Dockerfile may use with this version. */
export function supportedFeatures(version: DockerVersion): readonly Feature[] {
  return RELEASES.filter(({ since }) => isAtLeast(version, since)).flatMap(({ features }) => features);
}
