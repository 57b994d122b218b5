import { BuildError } from "@slipway/core";

/** The cases that a pattern names; `*` stands for any characters. Throws INVALID_REQUEST for one that names none: a typo must not be green. */
export function selectKitCases<C extends { readonly id: string }>(
  cases: readonly C[],
  patterns: readonly string[],
): readonly C[] {
  if (patterns.length === 0) return cases;
  const expressions = patterns.map((pattern) => {
    const text = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return { pattern, expression: new RegExp(`^${text.join(".*")}$`) };
  });
  const idle = expressions.find(({ expression }) => !cases.some(({ id }) => expression.test(id)));
  if (idle !== undefined)
    throw new BuildError("INVALID_REQUEST", `No case is named ${idle.pattern}`, {
      remedy: "Take the names from --list; * stands for any characters",
    });
  return cases.filter(({ id }) => expressions.some(({ expression }) => expression.test(id)));
}
