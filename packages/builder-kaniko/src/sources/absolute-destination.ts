import { wordsOf } from "@slipway/core";
import { type SeenCopy, unsupported } from "./seen-copy.ts";

/**
 * The instruction with its destination from the root, where an ADD that unpacks or downloads has a relative one: without a WORKDIR
 * Kaniko takes it from a folder of its own, and the image lacks the files. Undefined where nothing is to be done; throws
 * UNSUPPORTED_FEATURE where only the base image tells.
 */
export function absoluteDestination({ instruction, destination }: SeenCopy): string | undefined {
  const { startLine, rawKeyword, rawFlags, heredocs } = instruction;
  const words = wordsOf(instruction);
  const last = words.at(-1) ?? "";
  if (/^["']?[/$]/.test(last) || heredocs.length > 0) return undefined;
  if (destination === undefined || /[\\"'$]/.test(destination)) {
    throw unsupported(
      startLine,
      `Kaniko loses what the ADD in line ${startLine} of the Dockerfile puts into ${last}, if the base image has no WORKDIR`,
      "Write the destination from the root, or a WORKDIR before the ADD",
    );
  }
  const absolute = JSON.stringify([...words.slice(0, -1), destination]);
  return [rawKeyword, rawFlags, absolute].filter((part) => part !== "").join(" ");
}
