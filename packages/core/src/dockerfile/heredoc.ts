import { shellWords, unquoted } from "./shell-words.ts";

/** The beginning of a here-document, as it stands in an instruction (Dockerfile reference, "Here-Documents"). */
export interface HeredocStart {
  /** The line that ends the body. */
  readonly name: string;
  /** `<<-`: leading tabs of the body and of the last line do not count. */
  readonly chomp: boolean;
  /** False when the name is quoted: nothing in the body is substituted. */
  readonly expand: boolean;
}

export interface Heredoc extends HeredocStart {
  /** The body as written, every line with its line end. */
  readonly content: string;
}

/** The here-documents that begin on a line, in order. */
export function heredocsOf(line: string): readonly HeredocStart[] {
  if (!line.includes("<<")) return [];
  return (shellWords(line) ?? []).map(heredocOf).filter((heredoc) => heredoc !== undefined);
}

/** The here-document that a text is, and nothing else; undefined for any other text. */
export function heredocOf(text: string): HeredocStart | undefined {
  const match = /^\d*<<(-?)\s*([^<]*)$/.exec(text);
  const word = match?.[2] ?? "";
  if (shellWords(word)?.length !== 1 || /^\s|\s$/.test(word)) return undefined;
  // Docker would substitute in such a name. To see no here-document is safe: every line stays visible.
  if (/\$\{\w*[^\w}]/.test(word)) return undefined;
  const name = unquoted(word);
  if (name === "") return undefined;
  return { name, chomp: match?.[1] === "-", expand: quotesIn(name) === quotesIn(word) };
}

function quotesIn(text: string): number {
  return text.match(/['"]/g)?.length ?? 0;
}

/** The body as the command or the file gets it. */
export function contentOf(heredoc: Heredoc): string {
  // Not /^\t+/gm: in JavaScript a line also begins after \r and U+2028.
  return heredoc.chomp ? heredoc.content.replace(/(^|\n)\t+/g, "$1") : heredoc.content;
}

/** Whether a line of the Dockerfile, line end included, ends the body. */
export function endsHeredoc(line: string, { name, chomp }: HeredocStart): boolean {
  const text = line.replace(/[\r\n]+$/, "");
  return (chomp ? text.replace(/^\t+/, "") : text) === name;
}
