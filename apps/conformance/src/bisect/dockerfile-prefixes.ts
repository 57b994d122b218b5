import { parseDockerfile } from "@slipway/core";

/** The beginning of a Dockerfile, up to and with one instruction. */
export interface DockerfilePrefix {
  readonly text: string;
  /** Of its last instruction, counted from 1. */
  readonly line: number;
  /** Its last instruction, on one line. */
  readonly instruction: string;
}

/**
 * The Dockerfile cut off after each instruction that can change an image, shortest first. It ends with the stage `target`, where there
 * is one: what comes later is not built.
 */
export function dockerfilePrefixes(
  dockerfile: string,
  target: string | undefined,
): readonly DockerfilePrefix[] {
  const lines = dockerfile.split("\n");
  const prefixes: DockerfilePrefix[] = [];
  let stage = -1;
  let isLast = false;
  for (const { keyword, rawFlags, args, startLine, endLine } of parseDockerfile(dockerfile).instructions) {
    if (keyword === "FROM") {
      if (isLast) break;
      stage += 1;
      isLast = target !== undefined && isNamed(target, stage, args);
    } else if (stage >= 0) {
      const instruction = [keyword, rawFlags, args].filter((part) => part !== "").join(" ");
      const text = `${lines.slice(0, endLine).join("\n")}\n`;
      prefixes.push({ text, line: startLine, instruction: instruction.replace(/\s+/g, " ") });
    }
  }
  return prefixes;
}

function isNamed(target: string, stage: number, args: string): boolean {
  const name = /\sAS\s+(\S+)\s*$/i.exec(args)?.[1];
  return name?.toLowerCase() === target.toLowerCase() || target === String(stage);
}
