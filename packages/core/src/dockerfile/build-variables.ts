import type { Instruction } from "./instruction.ts";
import { type Lookup, substitute, UNKNOWN } from "./substitute.ts";

/** What the builder sets itself (Dockerfile reference, "Automatic platform ARGs in the global scope"). */
const AUTOMATIC = /^(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)$|^TARGETSTAGE$/;

type Value = string | typeof UNKNOWN;

/** The variables that an instruction can use, as far as they can be told without building. */
export interface BuildVariables {
  /** For FROM: the ARGs before the first stage. */
  readonly global: Lookup;
  /** For everything inside the current stage. */
  readonly stage: Lookup;
  /** Reads one instruction after the other. */
  read(instruction: Instruction): void;
}

/** Follows ARG and ENV through a Dockerfile; `buildArgs` win over defaults. */
export function createBuildVariables(buildArgs: Readonly<Record<string, string>> = {}): BuildVariables {
  const globals = new Map<string, Value>();
  let locals: Map<string, Value> | undefined;
  const given = (name: string): string | undefined =>
    Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
  const global: Lookup = (name) => globals.get(name) ?? (AUTOMATIC.test(name) ? UNKNOWN : undefined);
  // A base image may set any variable, so that one we do not know is unknown rather than empty.
  const stage: Lookup = (name) => locals?.get(name) ?? UNKNOWN;

  const declare = (word: string): void => {
    const [name, fallback] = splitAt(word);
    const scope = locals ?? globals;
    const lookup = locals === undefined ? global : stage;
    const value =
      given(name) ?? (fallback === undefined ? globals.get(name) : (substitute(fallback, lookup) ?? UNKNOWN));
    if (value !== undefined) scope.set(name, value);
    else if (AUTOMATIC.test(name)) scope.set(name, UNKNOWN);
  };
  const assign = (words: readonly string[]): void => {
    const before = new Map(locals);
    for (const word of words) {
      const [name, value = ""] = splitAt(word);
      locals?.set(name, substitute(value, (other) => before.get(other) ?? UNKNOWN) ?? UNKNOWN);
    }
  };
  const read = (instruction: Instruction): void => {
    if (instruction.keyword === "FROM") locals = new Map();
    if (instruction.keyword === "ARG") quotedWords(instruction.args).forEach(declare);
    if (instruction.keyword === "ENV") assign(assignmentsOf(instruction.args));
  };
  return { global, stage, read };
}

/** Splits at blanks outside quotes; quotes and escapes are kept. */
export function quotedWords(args: string): readonly string[] {
  return args.match(/(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s])+/g) ?? [];
}

/** The words of ENV; the old form `ENV name value` counts as one. */
function assignmentsOf(args: string): readonly string[] {
  const words = quotedWords(args);
  if (words[0]?.includes("=") !== false) return words;
  return [args.replace(/\s+/, "=")];
}

function splitAt(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
