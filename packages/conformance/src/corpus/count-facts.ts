/** How many things cases assert: each value, and each member of what has several. Of the code of a failure any is right, so that they are one. */
export function countFacts(cases: readonly { readonly expect: object }[]): number {
  return cases.reduce((sum, { expect }) => sum + factsOf(expect), 0);
}

function factsOf(expectation: object): number {
  const { fails, line } = expectation as { readonly fails?: unknown; readonly line?: unknown };
  if (fails !== undefined) return line === undefined ? 1 : 2;
  return valuesIn(expectation);
}

/** An empty object or list is a fact as well: there is nothing. */
function valuesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const members = Object.values(value).filter((one) => one !== undefined);
  return Math.max(
    1,
    members.reduce((sum: number, one) => sum + valuesIn(one), 0),
  );
}
