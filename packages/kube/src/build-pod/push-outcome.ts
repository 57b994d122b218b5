import type { V1ContainerStateTerminated } from "@kubernetes/client-node";
import {
  BuildError,
  type BuiltImage,
  type Digest,
  ERROR_CODES,
  type ErrorCode,
  type ImageFacts,
  isDigest,
} from "@slipway/core";
import { because } from "../pod-failure-text.ts";

/** What `push` reports by its termination message; `facts` only where they fit. */
interface PushMessage {
  readonly digest?: unknown;
  readonly facts?: ImageFacts;
  readonly error?: { readonly code?: string; readonly message?: string; readonly remedy?: string };
}

/** Reads the outcome of `push`. Its digest counts with exit code 0 only. Throws what the agent says. */
export function pushOutcome(end: V1ContainerStateTerminated): BuiltImage {
  const message = parsed(end.message);
  if (end.exitCode === 0 && isDigest(message?.digest)) return imageOf(message.digest, message.facts);
  throw reportedError(message) ?? unexplained(end);
}

function imageOf(digest: Digest, facts: ImageFacts | undefined): BuiltImage {
  return { digest, ...(facts === undefined ? {} : { facts }) };
}

function parsed(message: string | undefined): PushMessage | undefined {
  try {
    const value: unknown = JSON.parse(message ?? "");
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The error that an agent wrote as its termination message; undefined when there is none. */
export function terminationError(end: V1ContainerStateTerminated): BuildError | undefined {
  return reportedError(parsed(end.message));
}

function reportedError(message: PushMessage | undefined): BuildError | undefined {
  const { code, message: text, remedy } = message?.error ?? {};
  if (text === undefined || !isErrorCode(code)) return undefined;
  return new BuildError(code, text, { remedy });
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code);
}

function unexplained(end: V1ContainerStateTerminated): BuildError {
  const what = end.exitCode === 0 ? "without a digest" : `with exit code ${end.exitCode}`;
  return new BuildError("INTERNAL", `The container that pushes ended ${what}${because(end.message)}`, {
    remedy: "Report it with the log of the container push; it is a defect, not a setting",
    details: { exitCode: end.exitCode },
  });
}
