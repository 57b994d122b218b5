import { createHash } from "node:crypto";

const MAX_LENGTH = 100;
const FALLBACK = "workspace";

/**
 * Makes a legal repository path component out of any name: the same name always gives the same component.
 *
 * A name that is legal already is kept. A name that had to be changed beyond its letter case is followed by eight digits
 * of its hash, so that two workspaces never share a repository by accident.
 */
export function repositoryName(name: string): string {
  const lower = name.toLowerCase();
  const legal = lower
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/[._-]{2,}/g, legalSeparator)
    .replace(/^[._-]+|[._-]+$/g, "");
  if (legal === lower && legal.length <= MAX_LENGTH && legal !== "") return legal;
  const readable = legal.slice(0, MAX_LENGTH - 9).replace(/[._-]+$/, "");
  return `${readable || FALLBACK}-${hashOf(name)}`;
}

/** The grammar takes '.', '_', '__' or any number of '-' between two words; other runs become one '-'. */
function legalSeparator(run: string): string {
  return run === "__" || /^-+$/.test(run) ? run : "-";
}

function hashOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 8);
}
