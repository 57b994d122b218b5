import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { assertDigest } from "./digest.ts";
import { absentMount } from "./dockerfile/absent-mount.ts";
import { inspectDockerfile } from "./dockerfile/inspect-dockerfile.ts";
import { readDockerfile } from "./dockerfile/read-dockerfile.ts";
import { BuildError, toBuildError } from "./errors.ts";
import type { Feature } from "./features.ts";
import type {
  BuildEvent,
  BuildRequest,
  BuiltImage,
  Digest,
  ImageBuilder,
  ImageFacts,
} from "./image-builder.ts";
import { type Redact, redactEvent, redactor } from "./redact.ts";
import { parseDestination, pinned } from "./reference.ts";
import { requestFeatures } from "./request-features.ts";
import { assertSupported } from "./support-gate.ts";

/**
 * Asks the registry for the digest of a tag: undefined when it has none, "unreachable" when it cannot be asked from
 * here, and then the word of the pusher stands.
 */
export type ResolveDigest = (
  reference: string,
  signal: AbortSignal,
) => Promise<Digest | undefined | "unreachable">;

export interface RunBuildOptions {
  readonly builder: ImageBuilder;
  /** What the builder has, as its plugin declares. What it translates exactly counts. */
  readonly features: readonly Feature[];
  /** Which other builders have a feature, by id. */
  readonly othersWith?: (feature: Feature) => readonly string[];
  readonly request: BuildRequest;
  /** The `os/architecture[/variant]` of the nodes that build, when known: FROM --platform with it needs no feature. */
  readonly nodePlatform?: string;
  /** Made up when left out. */
  readonly id?: string;
  readonly owner: string;
  /** A reason named TimeoutError, as of `AbortSignal.timeout`, becomes TIMED_OUT; every other one CANCELLED. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
  readonly resolveDigest: ResolveDigest;
  /** Blanked out in every event and error. */
  readonly secrets?: readonly string[];
}

export interface BuildResult {
  readonly digest: Digest;
  /** Every destination, pinned: `repository@sha256:…`. */
  readonly references: readonly string[];
  /** Left out where the builder did not see the config of the image. */
  readonly facts?: ImageFacts;
}

/**
 * Runs one build, and does once what must hold for every builder: refuses bad requests and missing features before the
 * builder is touched, redacts secrets, verifies in the registry what was built, and rejects with BuildErrors only.
 */
export async function runBuild(options: RunBuildOptions): Promise<BuildResult> {
  const redact = redactor(options.secrets ?? []);
  try {
    assertNotAborted(options.signal);
    const dockerfile = await buildable(options);
    assertNotAborted(options.signal);
    const image = await build(options, dockerfile, redact);
    assertDigest(image.digest, "The builder");
    for (const destination of options.request.destinations)
      await assertPushed(destination, image.digest, options);
    return resultOf(image, options.request);
  } catch (error) {
    throw redactError(abortOf(options.signal, error) ?? toBuildError(error), redact);
  }
}

/** The text of the Dockerfile, once nothing speaks against building it. */
async function buildable({ request, features, othersWith, nodePlatform }: RunBuildOptions): Promise<string> {
  request.destinations.forEach(parseDestination);
  const { path } = request.context;
  const { text } = await readDockerfile(join(path, request.dockerfile), { allowedRoots: [path] });
  const { needs, stages } = inspectDockerfile(text, { ...request, nodePlatform });
  assertTarget(request.target, stages);
  const asked = requestFeatures(request).map((feature) => ({ feature }));
  assertSupported([...asked, ...needs], { features, othersWith });
  return text;
}

function assertTarget(target: string | undefined, stages: readonly (string | undefined)[]): void {
  if (target === undefined || stages.includes(target.toLowerCase())) return;
  if (/^\d+$/.test(target) && Number(target) < stages.length) return;
  const names = stages.filter((stage) => stage !== undefined);
  throw new BuildError("INVALID_REQUEST", `The Dockerfile has no stage ${JSON.stringify(target)}`, {
    remedy:
      names.length === 0 ? "Name a stage: FROM IMAGE AS NAME" : `Use one of its stages: ${names.join(", ")}`,
  });
}

async function build(options: RunBuildOptions, dockerfile: string, redact: Redact): Promise<BuiltImage> {
  const { builder, request, owner, signal, onEvent, id = randomUUID() } = options;
  const emit = (event: BuildEvent) => onEvent(redactEvent(event, redact));
  try {
    return await builder.build(request, { id, owner, signal, emit });
  } catch (error) {
    throw withAbsentMount(toBuildError(error), dockerfile);
  }
}

/** A step that fails for want of a secret seldom says so. */
function withAbsentMount(error: BuildError, dockerfile: string): BuildError {
  const { code, message, remedy = "Mend the instruction", details, cause } = error;
  const { line } = details;
  const absent =
    code === "BUILD_FAILED" && typeof line === "number" ? absentMount(dockerfile, line) : undefined;
  if (absent === undefined) return error;
  const told = `${remedy}. It mounts ${absent}, and a request gives none: it has to do without`;
  return new BuildError(code, message, { remedy: told, details, cause });
}

async function assertPushed(destination: string, digest: Digest, options: RunBuildOptions): Promise<void> {
  const found = await options.resolveDigest(destination, options.signal);
  if (found === digest || found === "unreachable") return;
  throw new BuildError(
    "RESULT_UNVERIFIED",
    `${destination} is ${found ?? "absent"}, but the builder reported ${digest}`,
    {
      remedy: "Check that nobody else pushes to this name; otherwise report it to the author of the builder",
      details: { destination, reported: digest },
    },
  );
}

function resultOf({ digest, facts }: BuiltImage, { destinations }: BuildRequest): BuildResult {
  const references = destinations.map((destination) => pinned(destination, digest));
  return { digest, references, ...(facts === undefined ? {} : { facts }) };
}

function assertNotAborted(signal: AbortSignal): void {
  const error = abortOf(signal, signal.reason);
  if (error !== undefined) throw error;
}

/** After an abort every failure is a consequence of it. */
function abortOf(signal: AbortSignal, cause: unknown): BuildError | undefined {
  if (!signal.aborted) return undefined;
  if (signal.reason instanceof Error && signal.reason.name === "TimeoutError") {
    return new BuildError("TIMED_OUT", "The build took longer than its time limit", {
      remedy: "Make the build smaller, or raise the time limit",
      cause,
    });
  }
  return new BuildError("CANCELLED", "The build was cancelled", { cause });
}

/** The same error without secrets; the very same object when there are none in it. */
function redactError(error: BuildError, redact: Redact): BuildError {
  const { code, message, remedy, details } = error;
  const clean = {
    message: redact(message),
    remedy: remedy === undefined ? undefined : redact(remedy),
    details: Object.fromEntries(
      Object.entries(details).map(([key, value]) => [key, typeof value === "string" ? redact(value) : value]),
    ),
  };
  if (JSON.stringify(clean) === JSON.stringify({ message, remedy, details })) return error;
  return new BuildError(code, clean.message, { remedy: clean.remedy, details: clean.details, cause: error });
}
