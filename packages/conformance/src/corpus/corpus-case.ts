import type { ErrorCode, Feature } from "@slipway/core";

/** The groups of the corpus: one folder each, and one row of the report. */
export const GROUPS = {
  parser: "lines, comments, escapes, directives, instructions that are none",
  arg: "ARG: scope, defaults, predefined names, the platform's",
  substitution: "variables in instructions",
  metadata:
    "ENV, LABEL, CMD, ENTRYPOINT, USER, WORKDIR, EXPOSE, VOLUME, HEALTHCHECK, STOPSIGNAL, SHELL, ONBUILD, MAINTAINER",
  copy: "COPY",
  add: "ADD",
  dockerignore: "files that are left out of the context",
  run: "RUN",
  mounts: "RUN --mount",
  heredocs: "here-documents in RUN, COPY and ADD",
  "multi-stage": "several FROM, COPY --from, targets",
  layers: "what layers hold and what they delete",
  image: "manifest, configuration, base images and registries",
  runtime: "the image as it runs",
  actions: "Dockerfiles in the shape of real container actions, which are run as well",
} as const;

export type Group = keyof typeof GROUPS;

/** What a Dockerfile builds on. */
export type Base = "scratch" | "busybox" | "debian" | "other";

/** One Dockerfile, and what the Dockerfile reference says must come of it. */
export interface CorpusCase {
  /** Name of its folder. Kebab-case, unique over all groups, never used again for something else. */
  readonly id: string;
  readonly group: Group;
  /** One sentence in the present tense that is true of a correct builder. */
  readonly title: string;
  /** The sentence of the reference that it tests: a link with its anchor. */
  readonly spec: string;
  readonly base: Base;
  /** What core says that the Dockerfile and the request need: a test holds the two together. None: the case is of the core profile. */
  readonly features: readonly Feature[];
  readonly build: CaseBuild;
  /** Files beside those of the folder `context`, which git cannot store. */
  readonly recipe: readonly RecipeEntry[];
  readonly expect: Expectation;
  /** Facts of the image of a builder that ignores the feature without a word: with them the status is silently-ignored. */
  readonly ignored?: ImageFactsWanted;
  /** Where Dockerfile, `case.yaml` and `context` are: an absolute path. */
  readonly folder: string;
}

export interface CaseBuild {
  /** Relative to the context; "Dockerfile" when left out. The file of the case's folder is put there. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly platform?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A path is text; `pathBase64` is for names that are no UTF-8. */
export interface RecipeEntry {
  readonly path?: string;
  readonly pathBase64?: string;
  readonly type: "file" | "folder" | "symlink" | "hardlink" | "fifo" | "tar";
  /**
   * Of a file; one of the three, or none for a file of the folder `context` that gets other attributes. `sizeBytes`:
   * that many bytes which do not compress to nothing, the same each time.
   */
  readonly text?: string;
  readonly base64?: string;
  readonly sizeBytes?: number;
  /** Of a symlink or hardlink. */
  readonly target?: string;
  /** Of a `tar`: an archive of these, made byte for byte the same each time. */
  readonly entries?: readonly ArchivedEntry[];
  readonly compression?: "none" | "gzip" | "bzip2" | "xz" | "zstd";
  /** Octal text such as "4755". */
  readonly mode?: string;
  /** "uid:gid". */
  readonly owner?: string;
  /** ISO 8601. 2024-01-02T03:04:05Z when left out, for every entry of every context. */
  readonly mtime?: string;
}

/** An entry of an archive, which may hold what a context may not: any name, devices, extended attributes. */
export interface ArchivedEntry
  extends Pick<RecipeEntry, "text" | "base64" | "sizeBytes" | "target" | "mode" | "owner" | "mtime"> {
  /** Exactly as it stands in the archive; `/abs`, `../up` and `./here` too. */
  readonly path: string;
  readonly type: "file" | "folder" | "symlink" | "hardlink" | "fifo" | "chardev" | "blockdev";
  /** "major:minor" of a device. */
  readonly device?: string;
  /** Values in base64, of bytes below 0x80 only. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

export type Expectation = FailureWanted | SuccessWanted;

export interface FailureWanted {
  /** The build fails with one of these codes, and nothing is pushed. */
  readonly fails: readonly ErrorCode[];
  /** The line of the Dockerfile that the error names, where it can name one. */
  readonly line?: number;
}

export interface SuccessWanted extends ImageFactsWanted {
  /** Texts that the build prints, in any order: standard output and error may overtake each other. */
  readonly log?: readonly string[];
  /** The image is run and its end compared, between builders as well. */
  readonly run?: RunWanted;
}

/** Facts of an image; what is not named is not asked. */
export interface ImageFactsWanted {
  /**
   * Each exact; null: absent or empty. With a capital the fields of `config` (OCI image specification, config.md, and
   * Docker's Healthcheck, Shell, OnBuild), in lower case `architecture`, `os`, `variant`, `author` beside it.
   */
  readonly config?: Readonly<Record<string, unknown>>;
  /** By absolute path; null: there is nothing. */
  readonly files?: Readonly<Record<string, FileWanted | null>>;
  /** Every path that differs from the base image, deleted ones too; folders that only contain others need not be named. */
  readonly changed?: readonly string[];
  /** How many layers the case's own instructions make. */
  readonly layers?: number;
}

export interface FileWanted {
  readonly type?: "file" | "folder" | "symlink" | "fifo" | "chardev" | "blockdev";
  /** Octal text of mode & 07777, such as "0644". */
  readonly mode?: string;
  /** "uid:gid". */
  readonly owner?: string;
  readonly text?: string;
  readonly base64?: string;
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly target?: string;
  /** Another path of the same inode. */
  readonly sameFileAs?: string;
  readonly mtime?: string;
  /** Values in base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

export interface RunWanted {
  /** Instead of the image's entry point and command, as in a pod. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly exitCode?: number;
  readonly stdout?: string;
  /** Pieces of the output, in this order. */
  readonly stdoutHas?: readonly string[];
}
