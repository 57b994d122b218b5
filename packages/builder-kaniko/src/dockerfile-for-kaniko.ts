import {
  assertSupported,
  type BaseImage,
  type BuildRequest,
  contextFiles,
  dropIdleFlags,
  dropIdleStages,
  FEATURES,
  type Feature,
  inspectDockerfile,
  translateDockerfile,
} from "@slipway/core";
import { nativeFeatures, TRANSLATED } from "./kaniko-releases.ts";
import type { KanikoVersion } from "./kaniko-version.ts";
import { assertAttributesKept } from "./lost-attributes.ts";
import { assertRunsKept } from "./lost-runs.ts";
import { adaptMetadata } from "./metadata/adapt-metadata.ts";
import { writePlatform } from "./platform-args.ts";
import { assertNoSecretRequired } from "./required-secrets.ts";
import { assertNoRootCopied } from "./root-copies.ts";
import { adaptCopies } from "./sources/adapt-copies.ts";
import { assertSourcesInside } from "./sources/inside-context.ts";
import { unpackBases } from "./unpack-bases.ts";
import { type FindWritten, writtenInstructions } from "./written-instructions.ts";

export interface DockerfileForKaniko {
  readonly text: string;
  readonly baseImages: readonly BaseImage[];
  readonly findWritten: FindWritten;
}

/**
 * The Dockerfile as Kaniko gets it: rewritten where Kaniko would do something else with it and the rewritten one means the same,
 * and refused, with line and cure, where Kaniko would lose something without a word.
 */
export async function dockerfileForKaniko(
  original: string,
  request: BuildRequest,
  version: KanikoVersion,
): Promise<DockerfileForKaniko> {
  const { buildArgs, context, dockerfile } = request;
  const { include } = await contextFiles(context.path, dockerfile);
  // Kaniko builds every stage before the target, and parses flags by an old list.
  const plain = dropIdleFlags(dropIdleStages(original, request));
  const placed = request.platform === undefined ? plain : writePlatform(plain, request.platform);
  const translated = translateDockerfile(placed, missingFeatures(version)).text;
  const text = await adaptCopies(translated, { context: { folder: context.path, include }, buildArgs });
  const { needs, baseImages, outsideSources } = inspectDockerfile(text, request);
  assertNoSecretRequired(text);
  // The gate before us let translatable features pass; here it shows which of them could not be translated.
  const untranslated = needs.filter(({ feature }) => TRANSLATED.includes(feature));
  assertSupported(untranslated, { features: nativeFeatures(version) });
  assertSourcesInside(outsideSources);
  assertAttributesKept(text, version);
  assertRunsKept(text, version, buildArgs);
  assertNoRootCopied(text, version);
  // After the checks: from here on lines may have other numbers.
  return {
    text: unpackBases(adaptMetadata(text, request)),
    baseImages,
    findWritten: writtenInstructions(original, text),
  };
}

function missingFeatures(version: KanikoVersion): readonly Feature[] {
  const native = nativeFeatures(version);
  return (Object.keys(FEATURES) as Feature[]).filter((feature) => !native.includes(feature));
}
