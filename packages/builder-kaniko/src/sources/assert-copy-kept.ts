import type { ArchiveKind } from "./archive-kind.ts";
import { endlessLink } from "./endless-link.ts";
import type { ContextView } from "./found-sources.ts";
import { lostDestination } from "./lost-destinations.ts";
import { lostEntry } from "./lost-entry.ts";
import { type SeenCopy, unsupported } from "./seen-copy.ts";

/** Throws UNSUPPORTED_FEATURE, with line and cure, for what Kaniko would lose or change without a word. */
export function assertCopyKept(copy: SeenCopy, context: ContextView): void {
  assertDestinationKept(copy, context);
  assertModeKept(copy);
  assertNoEndlessLink(copy, context);
}

/** Throws UNSUPPORTED_FEATURE for an archive that Kaniko does not unpack, or not whole. */
export async function assertUnpacks(
  copy: SeenCopy,
  files: readonly string[],
  kinds: readonly ArchiveKind[],
): Promise<void> {
  assertKnown(copy, kinds);
  for (const [index, file] of files.entries()) if (kinds[index] === "archive") await assertWhole(copy, file);
}

function assertDestinationKept({ instruction, destination, found }: SeenCopy, context: ContextView): void {
  if (destination === undefined) return;
  for (const one of found) {
    const lost = lostDestination(one, destination, context);
    if (lost === undefined) continue;
    throw unsupported(
      instruction.startLine,
      `Kaniko leaves ${lost} out of the image, where line ${instruction.startLine} of the Dockerfile puts ${one.path}`,
      "Leave it out: in every container Kubernetes puts a file of its own there",
    );
  }
}

/** Folders that everybody may write to, in nearly every image. */
const SHARED = /^\/(?:var\/)?tmp\/?$/;

/** A folder that is there already would get mode and owner of the one that is copied into it. */
function assertModeKept({ instruction, destination = "", found }: SeenCopy): void {
  const { startLine } = instruction;
  if (!SHARED.test(destination) || !found.some(({ kind }) => kind === "folder")) return;
  throw unsupported(
    startLine,
    `Kaniko changes the mode of ${destination.replace(/\/$/, "")}, which line ${startLine} of the Dockerfile copies a folder into`,
    "Copy into a folder of its own below it, or name the files",
  );
}

function assertNoEndlessLink({ instruction, found }: SeenCopy, context: ContextView): void {
  const link = found.map((one) => endlessLink(one, context)).find((one) => one !== undefined);
  if (link === undefined) return;
  throw unsupported(
    instruction.startLine,
    `Kaniko loses files where it meets the symbolic link ${link}, which line ${instruction.startLine} of the Dockerfile copies and which leads nowhere for ever`,
    "Remove the link, or name it in .dockerignore",
  );
}

function assertKnown({ instruction }: SeenCopy, kinds: readonly ArchiveKind[]): void {
  const kind = kinds.find((one) => one === "xz" || one === "zstd");
  if (kind === undefined) return;
  throw unsupported(
    instruction.startLine,
    `Kaniko does not unpack ${kind}, which line ${instruction.startLine} of the Dockerfile adds`,
    "Pack the archive with gzip, or COPY it and unpack it in a RUN",
  );
}

async function assertWhole({ instruction }: SeenCopy, archive: string): Promise<void> {
  const { startLine } = instruction;
  const lost = await lostEntry(archive);
  if (lost === undefined) return;
  throw unsupported(
    startLine,
    `Kaniko ${lost.what} ${lost.name} of the archive that line ${startLine} of the Dockerfile adds`,
    "Pack the archive without it, or COPY it and unpack it in a RUN",
  );
}
