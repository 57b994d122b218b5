import { BuildError } from "@slipway/core";

/** A released version of Docker Engine. */
export interface DockerVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The oldest that builds were made with here; what an image of unknown version is taken for. */
export const OLDEST_VERSION: DockerVersion = { major: 26, minor: 0, patch: 0 };

/** The version in a text such as `28.5.2`, `v26.1.5+dfsg1` or `29.2`. */
export function parseVersion(text: string): DockerVersion | undefined {
  const [, major, minor, patch = "0"] = /^v?(\d{2})\.(\d{1,3})(?:\.(\d{1,3}))?(?![\d.])/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** The version that the tag of an image promises, such as `docker:28.5.2-dind`; undefined for a digest and for tags such as `dind`. */
export function versionOfImage(image: string): DockerVersion | undefined {
  const [name = ""] = image.split("@", 1);
  const tag = /:([^:/]+)$/.exec(name)?.[1] ?? "";
  return /^\d{2}\.\d+(\.\d+)?(-[a-z0-9.-]+)?$/.test(tag) ? parseVersion(tag) : undefined;
}

export function isAtLeast(version: DockerVersion, least: DockerVersion): boolean {
  if (version.major !== least.major) return version.major > least.major;
  if (version.minor !== least.minor) return version.minor > least.minor;
  return version.patch >= least.patch;
}

export function formatVersion({ major, minor, patch }: DockerVersion): string {
  return `${major}.${minor}.${patch}`;
}

export function assertUsable(version: DockerVersion, origin: string): void {
  if (isAtLeast(version, OLDEST_VERSION)) return;
  throw new BuildError("INVALID_CONFIG", `${origin} is Docker ${formatVersion(version)}, which is too old`, {
    remedy: `Use ${formatVersion(OLDEST_VERSION)} or newer`,
  });
}
