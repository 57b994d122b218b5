import { BuildError } from "@slipway/core";
import { sha256Digest } from "../digests.ts";
import { type ManifestContent, parseManifest } from "../image-manifest.ts";
import type { ImageDefect } from "./image-defect.ts";
import type { SourceManifest } from "./image-source.ts";
import { parseStrictJson } from "./strict-json.ts";

export interface CheckedManifest {
  /** Undefined where it is no manifest. */
  readonly content?: ManifestContent;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly defects: readonly ImageDefect[];
}

const SUBJECT = "manifest";

/** Compares a manifest with its descriptor, with its specification, and its parts with each other. */
export function checkManifest({ digest, size, bytes, mediaType }: SourceManifest): CheckedManifest {
  const defects: ImageDefect[] = [];
  const report = (rule: ImageDefect["rule"], found: string) => {
    defects.push({ rule, subject: SUBJECT, found });
  };
  const actual = sha256Digest(bytes);
  if (actual !== digest) report("manifest-digest", `${actual}; it was found as ${digest}`);
  if (size !== undefined && size !== bytes.length)
    report("manifest-size", `${bytes.length} bytes; the descriptor says ${size}`);
  try {
    const { value, laxness } = parseStrictJson(bytes);
    if (laxness !== undefined) report("json", laxness);
    const content = parseManifest(
      bytes,
      mediaType,
      (problem) => new BuildError("RESULT_UNVERIFIED", problem),
    );
    const mixed = mixedTypes(mediaType, content);
    if (mixed !== undefined) report("mixed-media-types", mixed);
    const { annotations } = value as { annotations?: Readonly<Record<string, unknown>> };
    return { content, annotations: annotations ?? {}, defects };
  } catch (error) {
    report("manifest", (error as Error).message);
    return { annotations: {}, defects };
  }
}

/** What is not of the manifest's family: registries and runtimes refuse such images, each another kind of mixture. */
function mixedTypes(mediaType: string, { config, layers }: ManifestContent): string | undefined {
  const docker = isDocker(mediaType);
  const strangers = [config, ...layers]
    .map((part) => part.mediaType)
    .filter((type) => isDocker(type) !== docker);
  return strangers.length === 0 ? undefined : `${mediaType} with ${[...new Set(strangers)].join(", ")}`;
}

function isDocker(mediaType: string): boolean {
  return mediaType.startsWith("application/vnd.docker.");
}
