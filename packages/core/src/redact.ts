import type { BuildEvent } from "./image-builder.ts";

/** Replaces secrets in a text by `***`. */
export type Redact = (text: string) => string;

/**
 * Shorter fragments are left alone: they would blank out ordinary text, and hide nothing worth hiding.
 */
const MIN_LENGTH = 4;

/**
 * Makes a function that blanks out secrets: whole, line by line (a key file is printed as its lines), JSON-escaped,
 * and in base64, alone or inside a longer text such as `user:secret`.
 */
export function redactor(secrets: readonly string[]): Redact {
  const parts = [...new Set(secrets.flatMap(formsOf))];
  // The longest first: a secret that contains another one must not leave its rest behind.
  parts.sort((a, b) => b.length - a.length);
  return (text) => parts.reduce((clean, part) => clean.replaceAll(part, "***"), text);
}

/** The same event without secrets. */
export function redactEvent(event: BuildEvent, redact: Redact): BuildEvent {
  switch (event.type) {
    case "log":
      return { ...event, line: redact(event.line) };
    case "notice":
      return { ...event, message: redact(event.message) };
    case "phase":
      return event;
  }
}

function formsOf(secret: string): readonly string[] {
  const plain = [secret, ...secret.split(/\r?\n/)].filter((part) => part.trim().length >= MIN_LENGTH);
  return plain.flatMap((part) => [
    part,
    part.trim(),
    JSON.stringify(part).slice(1, -1),
    ...base64Forms(part),
  ]);
}

/** A text inside base64 looks different depending on its offset modulo 3; the characters at the ends are shared. */
function base64Forms(part: string): readonly string[] {
  const bytes = Buffer.from(part);
  const inner = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = padded.toString("base64").replace(/=+$/, "");
    const first = Math.ceil((offset * 8) / 6);
    return whole.slice(first, Math.floor((padded.length * 8) / 6));
  });
  const encoded = [bytes.toString("base64"), bytes.toString("base64url"), ...inner];
  return [...encoded, ...inner.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))].filter(
    // A short fragment of base64 is ordinary text.
    (text) => text.length >= 6,
  );
}
