import { parseDockerfile } from "@slipway/core";

/**
 * The text of a Dockerfile that BuildKit reads with its own frontend, or undefined when it does so anyway: for `# syntax=` it would first
 * pull an image from docker.io and run it. That image is the same frontend in another version; whether this one has what the
 * Dockerfile needs is known from the features. All lines keep their numbers, or move by one among the directives.
 */
export function withBuiltinFrontend(text: string): string | undefined {
  const { directives } = parseDockerfile(text);
  const syntax = directives.find(({ name }) => name === "syntax");
  if (syntax === undefined) return undefined;
  const rows = text.split("\n");
  const [row = ""] = rows.splice(syntax.line - 1, 1);
  // The first comment that is no directive ends them, so it goes below the others.
  const lastDirective = Math.max(...directives.map(({ line }) => line));
  rows.splice(lastDirective - 1, 0, `# (its own frontend) ${row.replace(/^[\s\uFEFF]*#\s*/, "")}`);
  return rows.join("\n");
}
