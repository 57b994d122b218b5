import { BuildError, ERROR_CODES, type ErrorCode, toBuildError } from "@slipway/core";
import type { WireError } from "./messages.ts";

/** Longest text of an error that travels. */
const MAX_TEXT = 2000;

/** The error as it travels: without cause and stack, which mean nothing elsewhere. It may quote what somebody untrusted chose. */
export function toWireError(error: unknown): WireError {
  const { code, message, remedy } = toBuildError(error);
  return {
    code,
    message: printable(message),
    ...(remedy === undefined ? {} : { remedy: printable(remedy) }),
  };
}

export function fromWireError({ code, message, remedy }: WireError): BuildError {
  return new BuildError(code, message, { remedy });
}

/** What somebody untrusted sent, made safe to print: known codes only, one line, not endless. Undefined for what is no error. */
export function checkedWireError(value: unknown): WireError | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, message, remedy } = value as Record<string, unknown>;
  if (typeof message !== "string") return undefined;
  return {
    code: isCode(code) ? code : "INTERNAL",
    message: printable(message),
    ...(typeof remedy === "string" ? { remedy: printable(remedy) } : {}),
  };
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

/** A line break would let a text start a workflow command. */
function printable(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ");
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT)}…`;
}
