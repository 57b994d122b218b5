import { posix } from "node:path";
import { dockerfileDefect } from "./dockerfile-defect.ts";
import { flagValues, type Instruction } from "./instruction.ts";
import { MOUNT_TYPES, type MountOptions, parseMountOptions } from "./mount-options.ts";

interface OptionRule {
  /** The types of mount that take it; all of them when left out. */
  readonly types?: readonly string[];
  /** True for what may stand without a value. */
  readonly isSwitch?: boolean;
  /** What a value has to look like; anything when left out. */
  readonly value?: RegExp;
  /** What to write instead of a value that is none. */
  readonly cure?: string;
}

const TEXT: OptionRule = {};
const SWITCH: OptionRule = {
  isSwitch: true,
  value: /^(?:1|0|t|f|T|F|true|false|True|False|TRUE|FALSE)$/,
  cure: "true or false",
};
const WITH_OWNER = ["cache", "secret", "ssh"];
const ID: OptionRule = { types: WITH_OWNER, value: /^\d{1,10}$/, cure: "a number" };

/** The options of `--mount` as BuildKit takes them (Dockerfile reference, "RUN --mount"). */
const OPTIONS: Readonly<Record<string, OptionRule>> = {
  type: TEXT,
  from: {
    types: ["bind", "cache", "tmpfs", "ssh"],
    value: /^[^$]*\$?$/,
    cure: "a stage: FROM $NAME AS STAGE",
  },
  source: TEXT,
  src: TEXT,
  target: TEXT,
  dst: TEXT,
  destination: TEXT,
  readonly: SWITCH,
  ro: SWITCH,
  readwrite: SWITCH,
  rw: SWITCH,
  id: TEXT,
  env: TEXT,
  required: { ...SWITCH, types: ["secret", "ssh"] },
  size: { types: ["tmpfs"], value: /^\d+(?:\.\d+)? ?(?:[kmgtp]i?)?b?$/i, cure: "a size such as 64m" },
  sharing: { types: ["cache"], value: /^(?:shared|private|locked)$/i, cure: "shared, private or locked" },
  mode: { types: WITH_OWNER, value: /^[0-7]{1,10}$/, cure: "an octal mode such as 0755" },
  uid: ID,
  gid: ID,
};

/** Throws INVALID_REQUEST for flags of RUN that Docker refuses before it builds anything. What a variable decides passes. */
export function checkRun(instruction: Instruction): void {
  for (const value of flagValues(instruction, "mount")) checkMount(instruction, parseMountOptions(value));
  checkChoice(instruction, "network", ["default", "none", "host"]);
  checkChoice(instruction, "security", ["sandbox", "insecure"]);
}

function checkChoice(instruction: Instruction, name: string, choices: readonly string[]): void {
  const wrong = flagValues(instruction, name).find((value) => !choices.includes(value));
  if (wrong === undefined) return;
  throw refusal(
    instruction,
    `RUN --${name}=${wrong} does not exist`,
    `Write --${name}= with ${choices.join(" or ")}`,
  );
}

function checkMount(instruction: Instruction, mount: MountOptions): void {
  const { type, options, bare } = mount;
  if (!MOUNT_TYPES.includes(type)) {
    throw refusal(instruction, `"${type}" is not a type of mount`, `Use one of ${MOUNT_TYPES.join(", ")}`);
  }
  for (const [key, value] of options) checkOption(instruction, mount, key, value);
  const valueless = bare.find((key) => OPTIONS[key]?.isSwitch !== true);
  if (valueless !== undefined) {
    throw refusal(instruction, `--mount has ${valueless} without a value`, `Write ${valueless}=VALUE`);
  }
  if (type === "secret") checkSecret(instruction, options);
  else checkTarget(instruction, options);
}

function checkOption(instruction: Instruction, { type }: MountOptions, key: string, value: string): void {
  const rule = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined;
  if (rule === undefined) {
    throw refusal(instruction, `--mount has no option "${key}"`, "Correct its name, or leave it out");
  }
  if (rule.types?.includes(type) === false) {
    throw refusal(
      instruction,
      `a mount of type ${type} takes no ${key}`,
      `Leave out ${key}, or change the type`,
    );
  }
  const isOpen = value.includes("$") && key !== "from";
  if (isOpen || rule.value === undefined || rule.value.test(value)) return;
  throw refusal(instruction, `--mount does not take ${key}=${value}`, `Name ${rule.cure}`);
}

function checkSecret(instruction: Instruction, options: ReadonlyMap<string, string>): void {
  if (["id", "source", "src", "target", "dst", "destination"].some((key) => (options.get(key) ?? "") !== ""))
    return;
  throw refusal(instruction, "a mount of type secret needs an id or a target", "Write id=NAME");
}

function checkTarget(instruction: Instruction, options: ReadonlyMap<string, string>): void {
  const targets = ["target", "dst", "destination"].map((key) => options.get(key));
  if (
    !targets.some((target) => target?.startsWith("/") && posix.normalize(target).replace(/\/+$/, "") === "")
  )
    return;
  throw refusal(instruction, "the root cannot be the target of a mount", "Name a folder below it");
}

function refusal({ startLine }: Instruction, cause: string, cure: string) {
  return dockerfileDefect(startLine, cause, cure);
}
