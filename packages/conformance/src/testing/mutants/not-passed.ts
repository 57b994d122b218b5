import { CONFORMANCE_CASES } from "../../kit/cases/all-cases.ts";
import { KitRun } from "../../kit/kit-run.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { ImpatientClock } from "../impatient-clock.ts";
import type { ReferenceBed } from "../reference/reference-bed.ts";
import { LARGE, type Mutant } from "./mutant.ts";

/** Runs every case with a mutant: those that it does not pass, with how they end. */
export async function notPassed(
  { make, caughtBy }: Mutant,
  { config, host }: ReferenceBed,
): Promise<Readonly<Record<string, Outcome>>> {
  const clock = new ImpatientClock();
  const over = new AbortController();
  const later: (() => Promise<unknown>)[] = [];
  const plugin = make({ timeUp: clock.timeUp, over: over.signal, later });
  const run = new KitRun({ plugin, config, host, clock });
  const ends = [];
  for (const item of CONFORMANCE_CASES) {
    if (item.id === LARGE && caughtBy[LARGE] === undefined) continue;
    clock.wind();
    ends.push(await run.run(item));
  }
  over.abort();
  for (const work of later) await work();
  ends.push(...(await run.finish()));
  const failed = ends.filter(({ outcome }) => outcome !== "pass" && outcome !== "skipped");
  return Object.fromEntries(failed.map(({ id, outcome }) => [id, outcome]));
}
