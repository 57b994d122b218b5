import { isDigest } from "./digest.ts";
import { BuildError } from "./errors.ts";
import type { Digest } from "./image-builder.ts";

/** A parsed image name (distribution's reference grammar, with Docker's defaults filled in). */
export interface ImageReference {
  /** `host[:port]`; `docker.io` where none was written. */
  readonly registry: string;
  /** Path inside the registry, `library/` included for Docker's official images. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const DEFAULT_REGISTRY = "docker.io";
const MAX_REPOSITORY_LENGTH = 255;
const MAX_TAG_LENGTH = 128;
const MAX_PORT = 65_535;

const DNS_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = new RegExp(`^(?:${DNS_LABEL}(?:\\.${DNS_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/;

/**
 * Parses an image name as Docker does: `busybox` is `docker.io/library/busybox`, a first part with a dot, a colon or
 * the name `localhost` is a registry. Throws INVALID_REQUEST that says which part is wrong and how to write it.
 */
export function parseReference(text: string): ImageReference {
  const { name, tag, digest } = splitName(text);
  const { registry, repository } = splitRegistry(name);
  const wrong =
    identifierDefectOf(text) ?? defectOf(registry, repository) ?? tagDefectOf(tag) ?? digestDefectOf(digest);
  if (wrong !== undefined) throw illegal(text, wrong);
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest as Digest }),
  };
}

/** Writes a reference in full: `registry/repository[:tag][@digest]`. The inverse of `parseReference`. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The same repository, pinned: `registry/repository@digest`, without a tag. */
export function pinned(reference: string, digest: Digest): string {
  const { registry, repository } = parseReference(reference);
  return formatReference({ registry, repository, digest });
}

/**
 * Parses a name that an image is pushed to: registry and tag must be written, a digest must not.
 * Without the first rule a mistyped registry such as `registry/app:1` would send the image to Docker Hub.
 */
export function parseDestination(text: string): ImageReference {
  const reference = parseReference(text);
  if (reference.digest !== undefined) throw illegal(text, ["it has a digest", "Name a tag to push to"]);
  if (reference.tag === undefined) throw illegal(text, ["it has no tag", `Write ${text}:TAG`]);
  if (!hasRegistry(text)) {
    throw illegal(text, [
      "it names no registry",
      "Start it with the registry: host.domain/name:tag or host:port/name:tag",
    ]);
  }
  return reference;
}

/** What is wrong, and the cure. */
type Defect = readonly [cause: string, cure: string];

function splitName(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  // A colon before the last slash belongs to the port of the registry.
  if (colon <= rest.lastIndexOf("/")) return { name: rest, tag: undefined, digest };
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest };
}

function hasRegistry(name: string): boolean {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  return slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
}

function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const explicit = hasRegistry(name);
  const host = explicit ? name.slice(0, slash) : DEFAULT_REGISTRY;
  const path = explicit ? name.slice(slash + 1) : name;
  const registry = host === "index.docker.io" ? DEFAULT_REGISTRY : host;
  const official = registry === DEFAULT_REGISTRY && path !== "" && !path.includes("/");
  return { registry, repository: official ? `library/${path}` : path };
}

function identifierDefectOf(text: string): Defect | undefined {
  if (!/^[0-9a-f]{64}$/.test(text)) return undefined;
  return ["64 hexadecimal digits name a local image, not a repository", "Use a name"];
}

function defectOf(registry: string, repository: string): Defect | undefined {
  if (!HOST.test(registry))
    return [`"${registry}" is not a registry`, "Write the registry as host or host:port, without a scheme"];
  if (Number(/:(\d+)$/.exec(registry)?.[1] ?? 0) > MAX_PORT)
    return [`the port of "${registry}" is above ${MAX_PORT}`, "Write the port that the registry listens on"];
  if (repository === "" || repository === "library/")
    return ["it names no repository", "Write registry/name:tag"];
  if (/[A-Z]/.test(repository))
    return ["a repository has upper-case letters", `Write ${repository.toLowerCase()}`];
  if (repository.length > MAX_REPOSITORY_LENGTH) {
    return [`its repository has more than ${MAX_REPOSITORY_LENGTH} characters`, "Use a shorter name"];
  }
  const bad = repository.split("/").find((component) => !COMPONENT.test(component));
  if (bad === undefined) return undefined;
  return [
    `"${bad}" is not a legal part of a name`,
    "Use a-z and 0-9, separated by single '.', '_', '__' or '-'",
  ];
}

function tagDefectOf(tag: string | undefined): Defect | undefined {
  if (tag === undefined) return undefined;
  if (tag.length > MAX_TAG_LENGTH)
    return [`its tag has more than ${MAX_TAG_LENGTH} characters`, "Use a shorter tag"];
  if (TAG.test(tag)) return undefined;
  return [
    `"${tag}" is not a legal tag`,
    "Use letters, digits, '_', '.' and '-'; the first one a letter, digit or '_'",
  ];
}

function digestDefectOf(digest: string | undefined): Defect | undefined {
  if (digest === undefined || isDigest(digest)) return undefined;
  return ["its digest is not sha256: and 64 hexadecimal digits", "Copy the digest as the registry prints it"];
}

function illegal(text: string, [cause, cure]: Defect): BuildError {
  return new BuildError(
    "INVALID_REQUEST",
    `The image name ${JSON.stringify(text.slice(0, 300))} is not legal: ${cause}`,
    {
      remedy: cure,
    },
  );
}
