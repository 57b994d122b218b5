/**
 * What the Dockerfile reference and the OCI specification leave open, and what therefore differs between builders that
 * are all right. Everything that the comparison of two images passes over is listed here, and nothing else is.
 */
export interface ComparePolicy {
  /**
   * Modification times. `files-from-context`: of regular files that either image dates before `builtAfter`, in whole
   * seconds, for COPY and ADD keep the time of a file; what a build writes has the time of the build. `exact`: of
   * everything, in nanoseconds.
   */
  readonly mtime: "ignore" | "files-from-context" | "exact";
  /** Nanoseconds since 1970: before every build, and after all times that contexts and base images have. */
  readonly builtAfter: bigint;
  /** `capability`: the attribute `security.capability`, without which a program works otherwise. */
  readonly xattrs: "capability" | "all";
  /** Labels by which a builder names itself, such as `io.buildah.version`. */
  readonly ignoredLabels: readonly string[];
  /** Of the config: MAINTAINER sets it, and some builders put themselves there. */
  readonly author: "ignore" | "exact";
  /** How many layers: a builder may make one of many instructions. */
  readonly layers: "ignore" | "count";
}

/** Recorded in a report of two images, and no difference, under every policy. */
export const ALWAYS_OPEN = {
  "empty-is-absent":
    "a field of the config that is null, empty, 0 or absent: Go leaves out or writes what is empty",
  "working-dir-root": 'WorkingDir "" and "/": a process starts in the root with both',
  "docker-only": "fields that only Docker writes, and no runtime reads (DOCKER_ONLY)",
  created: "the time of the build",
  history: "how a builder words its steps; their number is checked against the layers of their own image",
  encoding:
    "digests, media types, compression, annotations, order and format of archives, names of owners, explicit or opaque whiteouts",
  "symlink-mode": "mode of a symlink: Linux has none",
  "root-folder": "attributes of the root, unless both images have an entry for it: most builders write none",
  "folder-times":
    "times of everything but files, unless the policy is `exact`: they change with what is in a folder",
} as const;

/** Docker image specification 1.2 and what older daemons left behind; a container runtime reads none of them on Linux. */
export const DOCKER_ONLY: ReadonlySet<string> = new Set([
  "ArgsEscaped",
  "AttachStderr",
  "AttachStdin",
  "AttachStdout",
  "Domainname",
  "Hostname",
  "Image",
  "MacAddress",
  "NetworkDisabled",
  "OpenStdin",
  "StdinOnce",
  "Tty",
]);

export const DEFAULT_POLICY: ComparePolicy = {
  mtime: "files-from-context",
  // Contexts of the corpus are dated 2024.
  builtAfter: BigInt(Date.UTC(2025, 0, 1)) * 1_000_000n,
  xattrs: "capability",
  ignoredLabels: [],
  author: "ignore",
  layers: "ignore",
};
