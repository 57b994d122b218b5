import { flagValues, parseDockerfile } from "./instruction.ts";
import { parseMountOptions } from "./mount-options.ts";

const NAMES: Readonly<Record<string, string>> = { secret: "a secret", ssh: "an SSH agent" };

/**
 * What the RUN that stands at a line would mount, and no request gives; undefined where there is none. Docker runs it as if the mount were not
 * there, unless it is required (Dockerfile reference, "RUN --mount=type=secret", "RUN --mount=type=ssh").
 */
export function absentMount(dockerfile: string, line: number): string | undefined {
  const found = parseDockerfile(dockerfile).instructions.find(({ startLine }) => startLine === line);
  if (found?.keyword !== "RUN") return undefined;
  return flagValues(found, "mount")
    .map((value) => NAMES[parseMountOptions(value).type])
    .find((name) => name !== undefined);
}
