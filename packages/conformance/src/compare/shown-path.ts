import { type BytePath, bytePath, textOf } from "@slipway/core";

// The backslash of a name that looks as if it were ours.
const LOOKALIKE = /\\x(?=[0-9a-f]{2})/g;
const ESCAPE = /\\x([0-9a-f]{2})/g;
// Beyond control characters what breaks a line or turns its direction.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A path for ids and messages: with its slash in front, on one line, and told apart from every other one. Control
 * characters are `\xNN`, and so is every byte beyond ASCII of a name that is no UTF-8.
 */
export function shownPath(path: BytePath): string {
  return `/${shownBytes(path)}`;
}

/** Any bytes, one character each, in the same way. */
export function shownBytes(bytes: BytePath): string {
  const safe = bytes.replace(LOOKALIKE, "\\x5cx");
  const text = textOf(safe);
  return bytePath(text) === safe
    ? text.replace(UNPRINTABLE, (character) => escaped(bytePath(character)))
    : safe.replace(/[^ -~]/g, escaped);
}

/** The bytes of what `shownPath` shows: case files write paths in that way. */
export function pathOf(shown: string): BytePath {
  return bytePath(shown)
    .replace(ESCAPE, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/^\/+|\/+$/g, "");
}

function escaped(bytes: BytePath): string {
  return Array.from(bytes, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
}
