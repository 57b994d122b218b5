/** Texts of a report are somebody else's: in Markdown none of them may become markup, a mention or a cell of its own. */
export function plain(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]<>|~#@&]/g, (character) => `&#${character.charCodeAt(0)};`)
    .trim();
}

/** Somebody else's text as code. */
export function code(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|");
  return line.includes("`") ? `\`\` ${line} \`\`` : `\`${line}\``;
}

/** Cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
