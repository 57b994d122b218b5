import { parseDockerfile } from "./instruction.ts";

/** Flags with the value that holds anyway (Dockerfile reference, "RUN --network", "RUN --security", "COPY --parents"). */
const IDLE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  RUN: ["--network=default", "--security=sandbox"],
  COPY: ["--parents=false"],
};

/** Takes off the flags that change nothing, for builders that do not know them. Every line keeps its number. */
export function dropIdleFlags(source: string): string {
  const rows = source.split("\n");
  for (const outer of parseDockerfile(source).instructions) {
    const { keyword, flags } = outer.trigger ?? outer;
    const idle = flags
      .map(({ name, value }) => `--${name}=${value}`)
      .filter((flag) => IDLE_FLAGS[keyword]?.includes(flag));
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
