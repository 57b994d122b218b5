import type { CaseOutcome } from "./outcome.ts";

/** Cases that a builder is known to fail: why, by id; best a link to where it is worked on. */
export type KnownFailures = Readonly<Record<string, string>>;

/** An end of a case, held against the list of known failures. */
export interface JudgedCase extends CaseOutcome {
  /** What the list says of it. */
  readonly known?: string;
  /** Why it is not as expected, in one line; left out when it is. */
  readonly complaint?: string;
}

/** Strict: an entry that is not needed any more is a complaint, too. Nothing is ever expected to break the kit. */
export function judgeCase(end: CaseOutcome, knownFailures: KnownFailures): JudgedCase {
  const known = Object.hasOwn(knownFailures, end.id) ? knownFailures[end.id] : undefined;
  const judged = { ...end, ...(known === undefined ? {} : { known }) };
  const complaint = complaintOf(end, known);
  return complaint === undefined ? judged : { ...judged, complaint };
}

/** Complaints of entries that name no case. */
export function unknownEntries(knownFailures: KnownFailures, ids: readonly string[]): readonly string[] {
  return Object.keys(knownFailures)
    .filter((id) => !ids.includes(id))
    .map((id) => `${id} is no case: correct it in the list of known failures, or remove it`);
}

function complaintOf({ outcome, reason = "" }: CaseOutcome, known: string | undefined): string | undefined {
  const told = reason === "" ? outcome : `${outcome}: ${reason}`;
  if (outcome === "harness-error") return told;
  if (known === undefined) return outcome === "pass" || outcome === "skipped" ? undefined : told;
  if (outcome === "pass") return "it passes: remove it from the list of known failures";
  if (outcome === "skipped") return `it is not run (${reason}): remove it from the list of known failures`;
  return undefined;
}
