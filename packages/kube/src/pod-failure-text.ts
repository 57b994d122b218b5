const LONGEST = 500;

/**
 * Text of the kubelet, the scheduler or a registry as one printable line. It quotes image names and paths that others chose, so it
 * must not be able to move the cursor, start a line of its own or flood the output.
 */
export function oneLine(text: string | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
  const plain = (text ?? "").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
  const line = plain.replace(/ {2,}/g, " ").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

/** `: text` when there is text, so that a sentence ends well without it. */
export function because(text: string | undefined): string {
  const line = oneLine(text).replace(/[.\s]+$/, "");
  return line === "" ? "" : `: ${line}`;
}
