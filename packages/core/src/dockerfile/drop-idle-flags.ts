import { parseDockerfile } from "./instruction.ts";

/** Flags of RUN with the value that holds anyway (Dockerfile reference, "RUN --network", "RUN --security"). */
const IDLE_FLAGS: readonly string[] = ["--network=default", "--security=sandbox"];

/** Takes off the flags of RUN that change nothing, for builders that do not know them. Every line keeps its number. */
export function dropIdleFlags(source: string): string {
  const rows = source.split("\n");
  for (const outer of parseDockerfile(source).instructions) {
    const { keyword, flags } = outer.trigger ?? outer;
    const idle = flags
      .map(({ name, value }) => `--${name}=${value}`)
      .filter((flag) => keyword === "RUN" && IDLE_FLAGS.includes(flag));
    for (const flag of idle) dropFlag(rows, flag, outer.startLine - 1);
  }
  return rows.join("\n");
}

/** Flags come first, so that the first place that is no comment is the flag. */
function dropFlag(rows: string[], flag: string, from: number): void {
  for (let row = from; row < rows.length; row += 1) {
    const text = rows[row] ?? "";
    if (text.trimStart().startsWith("#") || !text.includes(flag)) continue;
    rows[row] = text.replace(flag, "");
    return;
  }
}
