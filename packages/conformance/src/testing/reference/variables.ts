/** Splits at blanks outside quotes; quotes and escapes are kept. */
export function splitWords(args: string): readonly string[] {
  return args.match(/(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s])+/g) ?? [];
}

/** Replaces `$name` and `${name}`, and takes quotes and escapes off. */
export function expand(word: string, values: ReadonlyMap<string, string>): string {
  const variable = (name: string) => values.get(name) ?? "";
  const inDoubleQuotes = (text: string) =>
    text.replace(/\\(["$\\])|\$\{?(\w+)\}?/g, (_, escaped: string | undefined, name: string) =>
      escaped === undefined ? variable(name) : escaped,
    );
  return word.replace(
    /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])|\$\{?(\w+)\}?/g,
    (_, single: string | undefined, double: string | undefined, escaped: string | undefined, name: string) =>
      single ?? (double === undefined ? (escaped ?? variable(name)) : inDoubleQuotes(double)),
  );
}

/** `name=value`; the value is undefined without an equals sign. */
export function splitPair(word: string): readonly [name: string, value: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
