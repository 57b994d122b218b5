/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->` of a Markdown page, and nothing else. */
export function withBlock(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest, ...more] = page.split(begin);
  const [, after, ...others] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Error(
      `The page has no single block ${begin} … ${end}. Put the two lines where the generated part is to stand`,
    );
  }
  return `${before}${begin}\n${content}\n${end}${after}`;
}
