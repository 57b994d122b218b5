import type { Feature } from "@slipway/core";
import { isAtLeast, type KanikoVersion } from "./kaniko-version.ts";

/** What a release of Kaniko has over the one before it: data, so that a new release is a new row. */
export interface KanikoRelease {
  readonly since: KanikoVersion;
  readonly features: readonly Feature[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Oldest first. A feature is listed only where Kaniko does what Docker does: most of what it does not know it ignores without a
 * word, and the image is wrong. What core translates exactly is not listed: see TRANSLATED.
 */
export const RELEASES: readonly KanikoRelease[] = [
  {
    since: { major: 1, minor: 24, patch: 0 },
    features: ["build-args", "labels", "target", "platform", "copy-chmod"],
    args: [],
    env: {},
  },
  {
    since: { major: 1, minor: 28, patch: 0 },
    features: ["copy-heredoc", "run-mount-bind", "run-mount-cache", "copy-chmod-symbolic"],
    // No look at cloud metadata services: not ours to ask, and a minute of waiting where there are none.
    args: ["--credential-helpers="],
    // The profile that the fork's README calls "BuildKit compatibility", and what makes PID 1 reap.
    env: {
      FF_KANIKO_CHOWN_ON_IMPLICIT_DIRS: "true",
      FF_KANIKO_COPY_AS_ROOT: "true",
      FF_KANIKO_COPY_CHMOD_ON_IMPLICIT_DIRS: "true",
      FF_KANIKO_EXPAND_HEREDOC: "true",
      FF_KANIKO_RUN_HONOR_GROUP: "true",
      FF_KANIKO_UNTAR_SKIP_ROOT: "true",
      FF_KANIKO_RUN_VIA_TINI: "true",
      FF_KANIKO_SKIP_WRITE_WHITEOUTS: "true",
    },
  },
  {
    since: { major: 1, minor: 28, patch: 1 },
    features: [],
    args: ["--image-format=oci"],
    env: {},
  },
];

/**
 * Features that no release has and every one gets, because core rewrites the Dockerfile into what Kaniko has. Kaniko's own
 * here-documents in RUN are none: an outer shell expands the body first. Secrets are taken off, since a request gives none:
 * one that is required is an error, as with Docker.
 */
export const TRANSLATED: readonly Feature[] = ["run-heredoc", "run-mount-secret"];

function releasesUpTo(version: KanikoVersion): readonly KanikoRelease[] {
  return RELEASES.filter(({ since }) => isAtLeast(version, since));
}

/** What Kaniko itself does as Docker does. */
export function nativeFeatures(version: KanikoVersion): readonly Feature[] {
  return releasesUpTo(version).flatMap(({ features }) => features);
}

/** What a Dockerfile may use with this builder. */
export function supportedFeatures(version: KanikoVersion): readonly Feature[] {
  return [...nativeFeatures(version), ...TRANSLATED];
}

export function releaseArgs(version: KanikoVersion): readonly string[] {
  return releasesUpTo(version).flatMap(({ args }) => args);
}

export function releaseEnv(version: KanikoVersion): Readonly<Record<string, string>> {
  return Object.assign({}, ...releasesUpTo(version).map(({ env }) => env));
}
