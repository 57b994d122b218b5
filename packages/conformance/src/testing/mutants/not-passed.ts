import { CONFORMANCE_CASES } from "../../kit/cases/all-cases.ts";
import { KitRun } from "../../kit/kit-run.ts";
import type { CaseOutcome, Outcome } from "../../kit/outcome.ts";
import { ImpatientClock } from "../impatient-clock.ts";
import { type ReferenceBed, startReferenceBed } from "../reference/reference-bed.ts";
import { LARGE, type Mutant } from "./mutant.ts";

/** Runs every case with a mutant: those that it does not pass, with how they end. */
export async function notPassed(mutant: Mutant): Promise<Readonly<Record<string, Outcome>>> {
  // Of its own: what one mutant still asks when it is over must not be taken for a request of the next.
  const bed = await startReferenceBed();
  try {
    const ends = await run(mutant, bed);
    const failed = ends.filter(({ outcome }) => outcome !== "pass" && outcome !== "skipped");
    return Object.fromEntries(failed.map(({ id, outcome }) => [id, outcome]));
  } finally {
    await bed.close();
  }
}

async function run(
  { make, caughtBy }: Mutant,
  { config, host }: ReferenceBed,
): Promise<readonly CaseOutcome[]> {
  const clock = new ImpatientClock();
  const over = new AbortController();
  const later: (() => Promise<unknown>)[] = [];
  const plugin = make({ timeUp: clock.timeUp, over: over.signal, later });
  const kit = new KitRun({ plugin, config, host, clock });
  const ends: CaseOutcome[] = [];
  for (const item of CONFORMANCE_CASES) {
    if (item.id === LARGE && caughtBy[LARGE] === undefined) continue;
    clock.wind();
    ends.push(await kit.run(item));
  }
  over.abort();
  for (const work of later) await work();
  return [...ends, ...(await kit.finish())];
}
