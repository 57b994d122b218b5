import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BuildError,
  type BuildRequest,
  type BuildResult,
  type Clock,
  cancellation,
  runBuild,
  toBuildError,
} from "@slipway/core";
import { contextDigest } from "../corpus/context-digest.ts";
import type { CorpusCase } from "../corpus/corpus-case.ts";
import { materialiseContext, needsRoot } from "../corpus/materialise-context.ts";
import { BuildLog } from "./build-log.ts";
import type { BuilderUnderTest, CaseHost } from "./case-host.ts";
import type { CaseResult } from "./case-result.ts";
import { type Judgement, judgeAcceptance, judgeFailure, tellsNothing } from "./judge-failure.ts";
import { judgeImage } from "./judge-image.ts";
import { missingValue, requestOf } from "./request-of.ts";
import { type Settled, settledInTime } from "./settled-in-time.ts";

export interface RunCaseOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for building; 5 minutes when left out. */
  readonly limitMs?: number;
  /** Milliseconds that a builder may take to stop; 30 s when left out. */
  readonly graceMs?: number;
  readonly clock?: Clock;
}

interface Attempt {
  readonly item: CorpusCase;
  readonly target: BuilderUnderTest;
  readonly host: CaseHost;
  readonly log: BuildLog;
  readonly request: BuildRequest;
  readonly owner: string;
}

/**
 * Builds one case with one builder, as users would get it, and says how it ended. What fails in the harness itself is a result too;
 * rejects only when the caller cancels.
 */
export async function runCase(
  item: CorpusCase,
  target: BuilderUnderTest,
  host: CaseHost,
  options: RunCaseOptions,
): Promise<CaseResult> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "slipway-case-"));
  try {
    const part = await attemptIn(folder, item, target, host, options);
    if (options.signal.aborted) throw cancellation(options.signal);
    return {
      case: item.id,
      builder: target.id,
      ...part,
      durationMs: Math.round(performance.now() - started),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type ResultPart = Omit<CaseResult, "case" | "builder" | "durationMs">;

async function attemptIn(
  folder: string,
  item: CorpusCase,
  target: BuilderUnderTest,
  host: CaseHost,
  options: RunCaseOptions,
): Promise<ResultPart> {
  const log = new BuildLog({
    wanted: "fails" in item.expect ? [] : (item.expect.log ?? []),
    isWarning: (line) => target.isWarning?.(line) === true,
  });
  const impossible = whyImpossible(item, host);
  if (impossible !== undefined) return { status: "skipped", differences: [], reason: impossible, log: [] };
  try {
    await materialiseContext(item, folder);
    const request = requestOf(item, folder, host.registry.destination(item, target.id), host.values);
    const contextSha256 = await digestOf(request);
    const owner = `case-${randomBytes(6).toString("hex")}`;
    const attempt = { item, target, host, log, request, owner };
    const settled = await built(attempt, options);
    const result = await judged(settled, attempt, options.signal);
    return contextSha256 === undefined ? result : { ...result, contextSha256 };
  } catch (error) {
    return { ...harnessError(error), log: log.lines };
  }
}

/** Undefined where .dockerignore is malformed: it is the builder that has to say so. */
async function digestOf(request: BuildRequest): Promise<string | undefined> {
  try {
    return await contextDigest(request);
  } catch (error) {
    if (toBuildError(error).code === "INVALID_REQUEST") return undefined;
    throw error;
  }
}

/** What the case needs and is not here, which is neither the builder's fault nor the harness's. */
function whyImpossible(item: CorpusCase, { values, runImage }: CaseHost): string | undefined {
  if (needsRoot(item) && process.getuid?.() !== 0) return "only root can make its context: it names owners";
  const missing = missingValue(item, values);
  if (missing !== undefined) return `it needs {{${missing}}}, and this host does not offer it`;
  if (!("fails" in item.expect) && item.expect.run !== undefined && runImage === undefined)
    return "it has to be run, and this host runs no images";
  return undefined;
}

function built({ target, host, log, request, owner }: Attempt, options: RunCaseOptions) {
  const { signal, limitMs = 300_000, graceMs = 30_000, clock } = options;
  const build = (limited: AbortSignal) =>
    runBuild({
      builder: target.create(owner),
      features: target.features,
      request,
      owner,
      signal: limited,
      secrets: host.secrets,
      onEvent: (event) => {
        if (event.type === "log") log.add(event.line);
      },
      resolveDigest: (reference, lookup) => host.registry.resolveDigest(reference, lookup),
    });
  return settledInTime(build, { limitMs, graceMs, signal, ...(clock === undefined ? {} : { clock }) });
}

async function judged(
  settled: Settled<BuildResult>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<ResultPart> {
  const { log, target, owner } = attempt;
  const judgement = await judgementOf(settled, attempt, signal);
  const left = (await target.leftovers?.(owner, signal)) ?? [];
  const printed = { log: log.lines, ...(log.warnings.length === 0 ? {} : { warnings: log.warnings }) };
  return { ...withLeftovers(judgement, left), ...outcomeOf(settled), ...printed };
}

async function judgementOf(
  settled: Settled<BuildResult>,
  { item, host, log, request }: Attempt,
  signal: AbortSignal,
): Promise<Judgement> {
  if (settled === "hanging")
    return { status: "timeout", differences: [], reason: "it did not stop when it was told to" };
  const [destination] = request.destinations;
  const isToFail = "fails" in item.expect;
  if ("error" in settled) {
    const pushed = isToFail ? await host.registry.tags(destination, signal) : [];
    return judgeFailure(toBuildError(settled.error), item, pushed);
  }
  if (isToFail) return judgeAcceptance(item.expect);
  const image = { destination, digest: settled.value.digest };
  const warned = log.warnings.length > 0;
  return judgeImage({ item, image, logDifferences: log.differences, warned }, host, signal);
}

/** What it left running spoils what is good, and is told beside what is bad already. */
function withLeftovers(judgement: Judgement, left: readonly string[]): Judgement {
  if (left.length === 0) return judgement;
  const differences = left.map((name) => ({
    id: "left:running",
    expected: "nothing that it started still runs",
    actual: `${name} does`,
  }));
  const good = ["pass", "pass-with-warning", "unsupported"].includes(judgement.status);
  return {
    ...judgement,
    ...(good ? { status: "leftovers" as const } : {}),
    differences: [...judgement.differences, ...differences],
  };
}

function outcomeOf(settled: Settled<BuildResult>): Pick<CaseResult, "digest" | "image" | "error"> {
  if (settled === "hanging") return {};
  if ("error" in settled) return { error: errorOf(toBuildError(settled.error)) };
  const { digest, references } = settled.value;
  return { digest, image: references[0] ?? digest };
}

function errorOf({ code, message, remedy, details }: BuildError): NonNullable<CaseResult["error"]> {
  const line = details["line"];
  return {
    code,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(typeof line === "number" ? { line } : {}),
  };
}

function harnessError(thrown: unknown): Omit<ResultPart, "log"> {
  const error = toBuildError(thrown);
  const known = tellsNothing(error) ? { error: errorOf(error) } : {};
  return { status: "harness-error", differences: [], reason: error.message, ...known };
}
