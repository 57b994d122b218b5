/**
 * Workflow commands as the runner reads them from our stdout (docs.github.com, "Workflow commands for GitHub Actions").
 * Their data is escaped as the runner unescapes it: `%`, `\r` and `\n`.
 */
export function workflowCommand(name: string, data: string): string {
  return `::${name}::${escapeData(data)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

// Everything below U+0020 and from DEL to U+009F, but for tab, the start of a colour, and line ends. The runner takes U+0085 for a blank
// and obeys what follows it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is what this is for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[[0-9;]*m)/g;

/**
 * One line, or several, of somebody else's text as lines that a terminal shows and nothing more: control characters are gone except
 * tab and colours. The runner splits at a lone `\r` too, so we do it first.
 */
export function plainLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map((line) => line.replace(CONTROLS, ""));
}

/**
 * Text that may quote somebody else's (an image name, a word of the kubelet) as one line that the runner only shows. It obeys `##[…]`
 * anywhere in a line; a joiner of no width keeps it readable.
 */
export function inertLine(text: string): string {
  const line = plainLines(text).join(" ").replaceAll("##[", "#\u2060#[");
  return line.replace(/^(\s*):/, "$1\u2060:");
}
