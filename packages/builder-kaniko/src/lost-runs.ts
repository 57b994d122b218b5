import { BuildError, type Instruction, instructionValues, parseDockerfile, wordsOf } from "@slipway/core";
import { formatVersion, isAtLeast, type KanikoVersion } from "./kaniko-version.ts";

/** The first release that runs commands in the group that USER names; the ones before use the user's own. */
const GROUPS_SINCE: KanikoVersion = { major: 1, minor: 28, patch: 0 };

/** Kaniko's own folder, as a word of a command; part of another path or of a web address it is not. */
const OWN_FOLDER = /(?<![\w.~})-])\/kaniko(?![\w.-])/;

/** Throws UNSUPPORTED_FEATURE, with the line, for a RUN that Kaniko runs in another group, or whose files it leaves out, without a word. */
export function assertRunsKept(
  dockerfile: string,
  version: KanikoVersion,
  buildArgs?: Readonly<Record<string, string>>,
): void {
  assertFolderUnused(dockerfile);
  if (!isAtLeast(version, GROUPS_SINCE)) assertGroupsUnused(dockerfile, version, buildArgs);
}

function assertFolderUnused(dockerfile: string): void {
  const { instructions } = parseDockerfile(dockerfile);
  const lossy = instructions.find((instruction) => {
    const { keyword, args } = instruction.trigger ?? instruction;
    return (keyword === "RUN" || keyword === "WORKDIR") && OWN_FOLDER.test(args);
  });
  if (lossy === undefined) return;
  throw unsupported(
    lossy,
    `Kaniko leaves out of the image what is below /kaniko, which line ${lossy.startLine} of the Dockerfile uses`,
    "Use another folder",
  );
}

function assertGroupsUnused(
  dockerfile: string,
  version: KanikoVersion,
  buildArgs: Readonly<Record<string, string>> | undefined,
): void {
  const stages = new Map<string, string>();
  let stage = "";
  let user = "";
  for (const { instruction, values } of instructionValues(dockerfile, { buildArgs })) {
    const { keyword, args } = instruction;
    if (keyword === "FROM") {
      user = stages.get(values[0]?.toLowerCase() ?? "") ?? "";
      stage = wordsOf(instruction)[2]?.toLowerCase() ?? "";
    }
    if (keyword === "USER") user = values[0] ?? args;
    if (stage !== "") stages.set(stage, user);
    if (keyword === "RUN" && hasOtherGroup(user)) throw groupLost(instruction, user, version);
  }
}

/** A group of the same name or number is the user's own: so tools make users. */
function hasOtherGroup(user: string): boolean {
  const [name = "", group] = user.split(":");
  return group !== undefined && group !== name && !(isRoot(name) && isRoot(group));
}

function isRoot(name: string): boolean {
  return name === "root" || name === "0";
}

function groupLost(run: Instruction, user: string, version: KanikoVersion): BuildError {
  return unsupported(
    run,
    `Kaniko ${formatVersion(version)} does not run line ${run.startLine} of the Dockerfile in the group that USER ${user} names`,
    `Set that USER after the last RUN, or use Kaniko ${formatVersion(GROUPS_SINCE)} or newer`,
  );
}

function unsupported({ startLine: line }: Instruction, message: string, remedy: string): BuildError {
  return new BuildError("UNSUPPORTED_FEATURE", message, { remedy, details: { line } });
}
