import { lstatSync, realpathSync } from "node:fs";
import { join, posix } from "node:path";
import {
  contextCopies,
  dockerfileDefect,
  isFilePattern,
  replaceInstruction,
  sourcesOf,
  wordsOf,
} from "@slipway/core";
import { absoluteDestination } from "./absolute-destination.ts";
import { type ArchiveKind, archiveKind } from "./archive-kind.ts";
import { assertCopyKept, assertUnpacks } from "./assert-copy-kept.ts";
import { type ContextView, type FoundSource, findSources } from "./found-sources.ts";
import { type SeenCopy, unsupported } from "./seen-copy.ts";

export interface AdaptOptions {
  readonly context: ContextView;
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
}

/**
 * Rewrites, line for line, what Kaniko does differently with the files of this context and what has another form that
 * means the same: symbolic links as sources, sources that climb out of the context, and ADD of a file in gzip that is no
 * archive. Throws UNSUPPORTED_FEATURE, with line and cure, for what has none and would go wrong without a word or with one
 * that explains nothing.
 */
export async function adaptCopies(dockerfile: string, options: AdaptOptions): Promise<string> {
  const { context, buildArgs } = options;
  const rows = dockerfile.split("\n");
  let again = false;
  for (const copy of contextCopies(dockerfile, { buildArgs })) {
    const found = copy.sources
      .filter((source) => source !== undefined)
      .flatMap((source) => findSources(source, context));
    const seen = { ...copy, found };
    assertCopyKept(seen, context);
    const kinds = await archiveKinds(seen, context);
    const rooted = landsByItself(seen, kinds) ? absoluteDestination(seen) : undefined;
    const line = rooted ?? adapted(seen, kinds, context);
    if (line !== undefined) replaceInstruction(rows, copy.instruction, line);
    again ||= rooted !== undefined;
  }
  // An instruction may need both.
  return again ? adaptCopies(rows.join("\n"), options) : rows.join("\n");
}

/** The instruction as Kaniko has to see it; undefined when it can stay as it is. */
function adapted(copy: SeenCopy, kinds: readonly ArchiveKind[], context: ContextView): string | undefined {
  const linked = copy.found.find((found) => found.path !== found.real && !isFollowed(found, copy, context));
  if (linked !== undefined) return withoutLink(copy, linked, kinds.includes("archive"));
  if (kinds.includes("compressed")) return asCopy(copy, kinds);
  return withinContext(copy);
}

/** Of the files that an ADD takes. */
async function archiveKinds(copy: SeenCopy, context: ContextView): Promise<readonly ArchiveKind[]> {
  if (copy.instruction.keyword !== "ADD") return [];
  const files = filesOf(copy, context);
  const kinds = files.map(archiveKind);
  await assertUnpacks(copy, files, kinds);
  return kinds;
}

/** What is unpacked or downloaded does not go the way of files that are copied. */
function landsByItself({ instruction, sources }: SeenCopy, kinds: readonly ArchiveKind[]): boolean {
  if (instruction.keyword !== "ADD") return false;
  return kinds.includes("archive") || sources.length < sourcesOf(instruction).length;
}

/** Kaniko follows a path through a link as the kernel does, but not to look for what matches a pattern. */
function isFollowed({ path, real }: FoundSource, { sources }: SeenCopy, { folder }: ContextView): boolean {
  if (real === undefined || sources.some((source) => source === undefined || isFilePattern(source)))
    return false;
  const itself = join(folder, path);
  try {
    return !lstatSync(itself).isSymbolicLink() && realpathSync(itself) === join(realpathSync(folder), real);
  } catch {
    // An absolute link: to the kernel it leads somewhere else.
    return false;
  }
}

function filesOf({ found }: SeenCopy, { folder }: ContextView): readonly string[] {
  return found.filter(({ kind }) => kind === "file").map(({ path, real = path }) => join(folder, real));
}

/** Names what the link leads to, and the name that the copy gets from the link. */
function withoutLink(copy: SeenCopy, linked: FoundSource, unpacked: boolean): string {
  const { startLine, keyword, rawKeyword, rawFlags } = copy.instruction;
  if (linked.real === undefined) {
    throw dockerfileDefect(
      startLine,
      `${keyword} ${linked.path}: the symbolic link leads to nothing in the context`,
      "Add what it leads to, or correct the link; .dockerignore may leave it out",
    );
  }
  const [source = "", destination = "", ...more] = wordsOf(copy.instruction);
  const renamed =
    linked.kind === "file" && !unpacked && posix.basename(linked.path) !== posix.basename(linked.real);
  const target = renamed ? renamedTarget(copy, destination, linked) : destination;
  if (more.length > 0 || isFilePattern(source) || !isPlain(linked.real) || target === undefined) {
    throw unsupported(
      startLine,
      `Kaniko does not follow the symbolic link in ${linked.path}, which line ${startLine} of the Dockerfile takes`,
      `Take ${linked.real || "."} in an instruction of its own`,
    );
  }
  const words = JSON.stringify([`/${linked.real}`, target]);
  return [rawKeyword, rawFlags, words].filter((part) => part !== "").join(" ");
}

/** Without the leading `..` that Kaniko would follow. What is left as it is, is refused later. */
function withinContext({ instruction, sources }: SeenCopy): string | undefined {
  const words = wordsOf(instruction);
  if (!sources.some(climbsOut) || sources.length !== words.length - 1) return undefined;
  const inside = words.map((word, index) => {
    const source = sources[index];
    return source !== undefined && climbsOut(source) && !/[\\"'$]/.test(source)
      ? posix.join("/", source)
      : word;
  });
  return [instruction.rawKeyword, instruction.rawFlags, JSON.stringify(inside)]
    .filter((part) => part !== "")
    .join(" ");
}

function climbsOut(source: string | undefined): boolean {
  return source !== undefined && /^\.\.(?:\/|$)/.test(posix.normalize(source.replace(/^\/+/, "")));
}

/** The destination with the link's name; undefined where nobody knows whether it is a folder, or the name means something. */
function renamedTarget(
  { destination: absolute }: SeenCopy,
  destination: string,
  { path }: FoundSource,
): string | undefined {
  const name = posix.basename(path);
  const isFolder = /(?:^|\/)\.{0,2}$/.test(absolute ?? destination);
  if (!isPlain(name) || (absolute === undefined && destination.includes("$") && !isFolder)) return undefined;
  return isFolder ? `${destination.replace(/\/$/, "")}/${name}` : destination;
}

/** Without characters that mean something in a word of the Dockerfile. */
function isPlain(path: string): boolean {
  return !/[*?[\\"'$]/.test(path);
}

/** COPY does with files what ADD does with files that are no archives. */
function asCopy({ instruction, sources }: SeenCopy, kinds: readonly ArchiveKind[]): string {
  const { startLine, rawFlags } = instruction;
  const words = wordsOf(instruction);
  if (kinds.includes("archive") || sources.length < words.length - 1) {
    throw unsupported(
      startLine,
      `Kaniko cannot add a file in gzip that is no archive, which line ${startLine} of the Dockerfile does`,
      "COPY it in an instruction of its own",
    );
  }
  return ["COPY", rawFlags, instruction.args].filter((part) => part !== "").join(" ");
}
