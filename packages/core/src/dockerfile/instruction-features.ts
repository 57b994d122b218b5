import type { Feature } from "../features.ts";
import { heredocOf } from "./heredoc.ts";
import { flagValues, type Instruction, wordsOf } from "./instruction.ts";
import { type MountOptions, parseMountOptions } from "./mount-options.ts";
import { type Lookup, substitute } from "./substitute.ts";

/** What surrounds an instruction and decides whether it needs a feature. */
export interface FeatureScope {
  readonly variables: Lookup;
  /** Whether `FROM --platform=VALUE` asks for nothing but the platform that the build has anyway. */
  readonly isOwnPlatform: (value: string) => boolean;
}

/** The features that one instruction needs; what every builder must do needs none. */
export function featuresOf(instruction: Instruction, scope: FeatureScope): readonly Feature[] {
  switch (instruction.keyword) {
    case "FROM":
      return when(
        flagValues(instruction, "platform").some((value) => !scope.isOwnPlatform(value)),
        "from-platform",
      );
    case "RUN":
      return runFeatures(instruction);
    case "COPY":
      return [
        ...copyFeatures(instruction, scope),
        ...when(isSwitchedOn(instruction, "parents"), "copy-parents"),
      ];
    case "ADD":
      return [...copyFeatures(instruction, scope), ...addFeatures(instruction, scope)];
    case "HEALTHCHECK":
      return when(has(instruction, "start-interval"), "healthcheck-start-interval");
    case "ONBUILD":
      return instruction.trigger === undefined ? [] : featuresOf(instruction.trigger, scope);
    default:
      return [];
  }
}

function runFeatures(instruction: Instruction): readonly Feature[] {
  const mounts = flagValues(instruction, "mount").map(parseMountOptions);
  return [
    ...when(instruction.heredocs.length > 0, "run-heredoc"),
    ...mounts.flatMap(mountFeatures),
    ...when(asksForMoreThan(instruction, "network", "default"), "run-network"),
    ...when(asksForMoreThan(instruction, "security", "sandbox"), "run-security"),
    ...when(has(instruction, "device"), "run-device"),
  ];
}

function mountFeatures({ type, options }: MountOptions): readonly Feature[] {
  switch (type) {
    case "bind":
      return [options.has("from") ? "run-mount-bind-from" : "run-mount-bind"];
    case "cache":
      return ["run-mount-cache", ...when(hasCacheOptions(options), "run-mount-cache-options")];
    case "tmpfs":
      return ["run-mount-tmpfs"];
    case "secret":
      return ["run-mount-secret"];
    case "ssh":
      return ["run-mount-ssh"];
    default:
      // Docker refuses other types; the check of the syntax says so with the line.
      return [];
  }
}

function hasCacheOptions(options: ReadonlyMap<string, string>): boolean {
  if (["from", "source", "src"].some((key) => options.has(key))) return true;
  if ((options.get("sharing") ?? "shared") !== "shared") return true;
  return ["ro", "readonly"].some((key) => (options.get(key) ?? "false").toLowerCase() !== "false");
}

function copyFeatures(instruction: Instruction, { variables }: FeatureScope): readonly Feature[] {
  return [
    ...when(instruction.heredocs.length > 0, "copy-heredoc"),
    ...when(has(instruction, "exclude"), "copy-exclude"),
    ...when(isSwitchedOn(instruction, "link"), "copy-link"),
    ...flagValues(instruction, "chmod").flatMap((mode) => chmodFeatures(substitute(mode, variables))),
  ];
}

/** A mode that only the builder can tell may turn out to be either kind. */
function chmodFeatures(mode: string | undefined): readonly Feature[] {
  if (mode === undefined) return ["copy-chmod", "copy-chmod-symbolic"];
  return [/^[0-7]+$/.test(mode) ? "copy-chmod" : "copy-chmod-symbolic"];
}

function addFeatures(instruction: Instruction, { variables }: FeatureScope): readonly Feature[] {
  const sources = sourcesOf(instruction).map((source) => substitute(source, variables) ?? source);
  return [
    ...when(has(instruction, "checksum"), "add-checksum"),
    ...when(isSwitchedOn(instruction, "keep-git-dir"), "add-keep-git-dir"),
    // Both values change something: false for local archives, true for downloads.
    ...when(has(instruction, "unpack"), "add-unpack"),
    ...when(sources.some(isGitSource), "add-git"),
  ];
}

/** The sources of COPY and ADD: every word but the last, without here-documents. */
export function sourcesOf(instruction: Instruction): readonly string[] {
  const sources = wordsOf(instruction).slice(0, -1);
  return instruction.heredocs.length === 0
    ? sources
    : sources.filter((word) => heredocOf(word) === undefined);
}

/** True for what ADD clones instead of downloading (Dockerfile reference, "ADD", git repositories). */
export function isGitSource(source: string): boolean {
  const word = source.replace(/^(["'])(.*)\1$/, "$2");
  return (
    /^(?:git|ssh):\/\//.test(word) ||
    /^[\w.-]+@[\w.-]+:/.test(word) ||
    /^https?:\/\/[^?#]+\.git(?:[?#]|$)/.test(word)
  );
}

function has(instruction: Instruction, name: string): boolean {
  return instruction.flags.some((flag) => flag.name === name);
}

function isSwitchedOn(instruction: Instruction, name: string): boolean {
  return flagValues(instruction, name, "true").some((value) => value.toLowerCase() !== "false");
}

function asksForMoreThan(instruction: Instruction, name: string, usual: string): boolean {
  return flagValues(instruction, name).some((value) => value !== usual);
}

function when(condition: boolean, feature: Feature): readonly Feature[] {
  return condition ? [feature] : [];
}
