import type { BuilderFlag } from "./builder-flags.ts";
import { parseDockerfile } from "./instruction.ts";
import { parseMountOptions } from "./mount-options.ts";

/** Flags with the value that holds anyway (Dockerfile reference, "RUN --network", "RUN --security", "COPY --parents"). */
const IDLE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  RUN: ["--network=default", "--security=sandbox"],
  COPY: ["--parents=false"],
};

/**
 * Takes off the flags that change nothing, for builders that do not know them: those with the usual value, and secrets
 * that are not required, since a request gives none (Dockerfile reference, "RUN --mount=type=secret"). Every line keeps its number.
 */
export function dropIdleFlags(source: string): string {
  const rows = source.split("\n");
  for (const outer of parseDockerfile(source).instructions) {
    const { keyword, flags } = outer.trigger ?? outer;
    const idle = flags.filter((flag) => isIdle(keyword, flag));
    for (const flag of idle) dropFlag(rows, textOf(flag), outer.startLine - 1);
  }
  return rows.join("\n");
}

function isIdle(keyword: string, flag: BuilderFlag): boolean {
  if (IDLE_FLAGS[keyword]?.includes(textOf(flag)) === true) return true;
  if (keyword !== "RUN" || flag.name !== "mount") return false;
  const { type, options } = parseMountOptions(flag.value ?? "");
  return type === "secret" && /^(?:0|f|false)$/i.test(options.get("required") ?? "false");
}

function textOf({ name, value }: BuilderFlag): string {
  return `--${name}=${value}`;
}

/** Flags come first, so that the first place that is no comment is the flag. One that is written with quotes or escapes stays. */
function dropFlag(rows: string[], flag: string, from: number): void {
  for (let row = from; row < rows.length; row += 1) {
    const text = rows[row] ?? "";
    if (text.trimStart().startsWith("#")) continue;
    const words = text.split(/(\s+)/);
    const at = words.indexOf(flag);
    if (at < 0) continue;
    rows[row] = [...words.slice(0, at), ...words.slice(at + 1)].join("");
    return;
  }
}
