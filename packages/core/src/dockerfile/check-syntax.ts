import type { BuildError } from "../errors.ts";
import { quotedWords } from "./build-variables.ts";
import { checkRun } from "./check-run.ts";
import { dockerfileDefect } from "./dockerfile-defect.ts";
import { heredocOf } from "./heredoc.ts";
import { type Instruction, wordsOf } from "./instruction.ts";

type FlagKind = "text" | "list" | "switch";

const COPY_FLAGS: Readonly<Record<string, FlagKind>> = {
  chown: "text",
  chmod: "text",
  link: "switch",
  exclude: "list",
};

/** Every instruction of the Dockerfile reference with its flags. */
const INSTRUCTIONS: Readonly<Record<string, Readonly<Record<string, FlagKind>>>> = {
  ADD: { ...COPY_FLAGS, checksum: "text", "keep-git-dir": "switch", unpack: "switch" },
  ARG: {},
  CMD: {},
  COPY: { ...COPY_FLAGS, from: "text", parents: "switch" },
  ENTRYPOINT: {},
  ENV: {},
  EXPOSE: {},
  FROM: { platform: "text" },
  HEALTHCHECK: {
    interval: "text",
    timeout: "text",
    "start-period": "text",
    "start-interval": "text",
    retries: "text",
  },
  LABEL: {},
  MAINTAINER: {},
  ONBUILD: {},
  RUN: { mount: "list", network: "text", security: "text", device: "list" },
  SHELL: {},
  STOPSIGNAL: {},
  USER: {},
  VOLUME: {},
  WORKDIR: {},
};

/** Throws INVALID_REQUEST with the line for an instruction that Docker refuses before it builds anything. */
export function checkSyntax(instruction: Instruction): void {
  const flags = flagsOf(instruction);
  checkFlags(instruction, flags);
  checkArguments(instruction);
  if (instruction.keyword === "RUN") checkRun(instruction);
  if (instruction.keyword === "ONBUILD") checkTrigger(instruction);
}

function flagsOf(instruction: Instruction): Readonly<Record<string, FlagKind>> {
  const flags = Object.hasOwn(INSTRUCTIONS, instruction.keyword)
    ? INSTRUCTIONS[instruction.keyword]
    : undefined;
  if (flags !== undefined) return flags;
  throw refusal(
    instruction,
    `unknown instruction ${instruction.rawKeyword}`,
    "Correct the spelling, or end the line before with \\",
  );
}

function checkFlags(instruction: Instruction, known: Readonly<Record<string, FlagKind>>): void {
  const seen = new Set<string>();
  for (const { name, value } of instruction.flags) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    const flag = `${instruction.keyword} --${name}`;
    if (kind === undefined)
      throw refusal(instruction, `unknown flag ${flag}`, flagCure(instruction.keyword, known));
    if (kind !== "list" && seen.has(name))
      throw refusal(instruction, `${flag} is there twice`, "Keep one of them");
    if (kind !== "switch" && value === undefined) {
      throw refusal(instruction, `${flag} has no value`, `Write --${name}=VALUE`);
    }
    if (kind === "switch" && !["true", "false"].includes((value ?? "true").toLowerCase())) {
      throw refusal(instruction, `${flag} is neither true nor false`, `Write --${name} or --${name}=false`);
    }
    seen.add(name);
  }
}

function flagCure(keyword: string, known: Readonly<Record<string, FlagKind>>): string {
  const names = Object.keys(known).map((name) => `--${name}`);
  return names.length === 0
    ? `${keyword} takes no flags`
    : `${keyword} takes ${names.join(", ")}, in lower case`;
}

function checkArguments(instruction: Instruction): void {
  switch (instruction.keyword) {
    case "FROM":
      checkFrom(instruction, wordsOf(instruction));
      break;
    case "COPY":
    case "ADD":
      checkCopy(instruction, wordsOf(instruction));
      break;
    case "ENV":
    case "LABEL":
      checkAssignments(instruction);
      break;
    case "ARG":
      checkNotEmpty(instruction);
      checkNames(instruction, quotedWords(instruction.args));
      break;
    case "SHELL":
      checkShell(instruction);
      break;
    case "HEALTHCHECK":
      checkHealthcheck(instruction, wordsOf(instruction));
      break;
    default:
      checkNotEmpty(instruction);
  }
}

function checkNotEmpty(instruction: Instruction): void {
  const { keyword, args } = instruction;
  if (args !== "" || ["CMD", "ENTRYPOINT", "RUN"].includes(keyword)) return;
  throw refusal(instruction, `${keyword} needs an argument`, "Add it, or remove the line");
}

function checkShell(instruction: Instruction): void {
  if (instruction.json !== undefined && instruction.json.length > 0) return;
  throw refusal(instruction, "SHELL needs a JSON array of words", 'Write SHELL ["/bin/sh", "-c"]');
}

function checkFrom(instruction: Instruction, words: readonly string[]): void {
  const named = words.length === 3 && words[1]?.toLowerCase() === "as";
  if (words.length !== 1 && !named) {
    throw refusal(
      instruction,
      "FROM needs one image, or IMAGE AS NAME",
      "Write FROM IMAGE or FROM IMAGE AS NAME",
    );
  }
  if (named && !/^[a-z][a-z0-9_.-]*$/i.test(words[2] ?? "")) {
    throw refusal(
      instruction,
      `"${words[2]}" is not a legal name for a stage`,
      "Start it with a letter; then letters, digits, '_', '.', '-'",
    );
  }
}

function checkCopy(instruction: Instruction, words: readonly string[]): void {
  const { keyword } = instruction;
  if (words.length < 2)
    throw refusal(
      instruction,
      `${keyword} needs a source and a destination`,
      `Write ${keyword} SOURCE DESTINATION`,
    );
  if (instruction.heredocs.length > 0 && heredocOf(words.at(-1) ?? "") !== undefined) {
    throw refusal(instruction, "a here-document cannot be a destination", "Put the destination last");
  }
}

function checkAssignments(instruction: Instruction): void {
  const { keyword, args } = instruction;
  const words = quotedWords(args);
  const old = words[0]?.includes("=") === false;
  if (words.length === 0 || (old && words.length < 2)) {
    throw refusal(instruction, `${keyword} needs a name and a value`, `Write ${keyword} NAME=VALUE`);
  }
  if (old) return;
  checkNames(instruction, words);
  const bad = words.find((word) => !word.includes("="));
  if (bad === undefined) return;
  throw refusal(
    instruction,
    `"${bad}" has no =`,
    "Write NAME=VALUE, with quotes around a value that has blanks",
  );
}

function checkNames(instruction: Instruction, words: readonly string[]): void {
  if (!words.some((word) => word.startsWith("="))) return;
  throw refusal(instruction, `${instruction.keyword} has a name that is empty`, "Write NAME=VALUE");
}

function checkHealthcheck(instruction: Instruction, words: readonly string[]): void {
  const kind = words[0]?.toUpperCase();
  if (kind === "NONE" ? words.length === 1 : kind === "CMD" && words.length > 1) return;
  throw refusal(
    instruction,
    "HEALTHCHECK needs CMD with a command, or NONE alone",
    "Write HEALTHCHECK CMD COMMAND or HEALTHCHECK NONE",
  );
}

function checkTrigger(instruction: Instruction): void {
  const trigger = instruction.trigger;
  if (trigger === undefined) return;
  if (["ONBUILD", "FROM", "MAINTAINER"].includes(trigger.keyword)) {
    throw refusal(instruction, `ONBUILD cannot trigger ${trigger.keyword}`, "Use another instruction");
  }
  checkSyntax(trigger);
}

function refusal(instruction: Instruction, cause: string, cure: string): BuildError {
  return dockerfileDefect(instruction.startLine, cause, cure);
}
