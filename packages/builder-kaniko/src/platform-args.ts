import { arch } from "node:process";
import { type Instruction, parseDockerfile, quotedWords, replaceInstruction } from "@slipway/core";

/** Go's names, as images have them (OCI image specification, config.md), for those of Node. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm: "arm/v7", ia32: "386" };

/** The platform of the machine that this program runs on, as its own image has it. */
export function ownPlatform(): string {
  return `linux/${ARCHITECTURES[arch] ?? arch}`;
}

/** Whether a Dockerfile asks for one of the ARGs that Docker sets by itself and Kaniko does not. */
export function asksForPlatform(dockerfile: string): boolean {
  return parseDockerfile(dockerfile).instructions.some(
    ({ keyword, args }) => (keyword === "ARG" || keyword === "FROM") && NAMES.test(args),
  );
}

/**
 * Writes the platform into ARGs without a value and into FROM, for a build whose machine and image have the same one (Dockerfile
 * reference, "Automatic platform ARGs in the global scope"). Every line keeps its number.
 */
export function writePlatform(dockerfile: string, platform: string): string {
  const rows = dockerfile.split("\n");
  const values = platformArgs(platform);
  const declared = new Map<string, boolean>();
  let isGlobal = true;
  for (const instruction of parseDockerfile(dockerfile).instructions) {
    const { keyword, args } = instruction;
    if (keyword === "FROM") {
      replace(rows, instruction, withVariables(args, values, declared));
      isGlobal = false;
    }
    if (keyword !== "ARG") continue;
    const words = quotedWords(args);
    replace(rows, instruction, words.map((word) => withValue(word, values, declared)).join(" "));
    if (isGlobal) for (const word of words) declared.set(nameIn(word), word.includes("="));
  }
  return rows.join("\n");
}

function platformArgs(platform: string): ReadonlyMap<string, string> {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  const parts = { PLATFORM: platform, OS: os, ARCH: architecture, VARIANT: variant };
  const names = ["TARGET", "BUILD"].flatMap((side) =>
    Object.entries(parts).map(([part, value]) => [`${side}${part}`, value] as const),
  );
  return new Map(names);
}

/** The variables that are written, wherever they stand. */
const NAMES = new RegExp(`\\b(?:${[...platformArgs("").keys()].join("|")})\\b`);

/** A value before the first FROM holds in every stage, so that none of ours may take its place. */
function withValue(
  word: string,
  values: ReadonlyMap<string, string>,
  declared: ReadonlyMap<string, boolean>,
): string {
  const value = values.get(word);
  return value === undefined || declared.get(word) === true ? word : `${word}=${value}`;
}

function withVariables(
  args: string,
  values: ReadonlyMap<string, string>,
  declared: ReadonlyMap<string, boolean>,
): string {
  return args.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    return declared.has(name) ? whole : (values.get(name) ?? whole);
  });
}

function nameIn(word: string): string {
  return word.split("=", 1)[0] ?? word;
}

function replace(rows: string[], instruction: Instruction, args: string): void {
  if (args === instruction.args || !NAMES.test(instruction.args)) return;
  const words = [instruction.rawKeyword, instruction.rawFlags, args].filter((part) => part !== "");
  replaceInstruction(rows, instruction, words.join(" "));
}
