import { BuildError } from "@slipway/core";

/** A released version of Kaniko. */
export interface KanikoVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The last release under Google's name: what an image of unknown version is taken for until it has been asked. */
export const OLDEST_VERSION: KanikoVersion = { major: 1, minor: 24, patch: 0 };

/** The version in a text such as `v1.28.3`, `1.24.0-debug` or `Kaniko version :  v1.24.0`. */
export function parseVersion(text: string): KanikoVersion | undefined {
  const [, major, minor, patch] = /(?:^|[^\d.])v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![\d.])/.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** A release of Kaniko, with the name of a variant such as `-debug`. A date, or a version of somebody's own, is none. */
const RELEASE_TAG = /^v?1\.\d{1,3}\.\d{1,3}(-[a-z]+)?$/;

/** The version that the tag of an image promises; undefined for a digest and for tags such as `latest` or `2024.11.3`. */
export function versionOfImage(image: string): KanikoVersion | undefined {
  const [name = ""] = image.split("@", 1);
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag !== undefined && RELEASE_TAG.test(tag) ? parseVersion(tag) : undefined;
}

export function isAtLeast(version: KanikoVersion, least: KanikoVersion): boolean {
  if (version.major !== least.major) return version.major > least.major;
  if (version.minor !== least.minor) return version.minor > least.minor;
  return version.patch >= least.patch;
}

export function formatVersion({ major, minor, patch }: KanikoVersion): string {
  return `v${major}.${minor}.${patch}`;
}

/** Reads the answer of `executor version`. Throws INVALID_CONFIG when the image is something else, or too old. */
export function versionFromAnswer(answer: string, image: string): KanikoVersion {
  const version = parseVersion(answer);
  if (version === undefined) {
    throw new BuildError("INVALID_CONFIG", `Image ${image} does not say which version of Kaniko it is`, {
      remedy: 'Set "version" in the builder\'s configuration to the version of the image, such as "1.28.3"',
    });
  }
  assertUsable(version, `Image ${image}`);
  return version;
}

export function assertUsable(version: KanikoVersion, origin: string): void {
  if (isAtLeast(version, OLDEST_VERSION)) return;
  throw new BuildError("INVALID_CONFIG", `${origin} is Kaniko ${formatVersion(version)}, which is too old`, {
    remedy: `Use ${formatVersion(OLDEST_VERSION)} or newer, best ghcr.io/osscontainertools/kaniko:v1.28.3`,
  });
}
