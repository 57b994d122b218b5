import { CONFORMANCE_CASES } from "../../kit/cases/all-cases.ts";
import type { ConformanceCase } from "../../kit/conformance-case.ts";
import { KitRun } from "../../kit/kit-run.ts";
import type { CaseOutcome, Outcome } from "../../kit/outcome.ts";
import { ImpatientClock } from "../impatient-clock.ts";
import { type ReferenceBed, startReferenceBed } from "../reference/reference-bed.ts";
import { LARGE, type Mutant } from "./mutant.ts";

export interface NotPassedOptions {
  /** Every case, instead of those that should catch it, their areas, and one of every other area. Nearly twice as long. */
  readonly thorough: boolean;
}

/** Runs cases with a mutant: those that it does not pass, with how they end. */
export async function notPassed(
  mutant: Mutant,
  { thorough }: NotPassedOptions,
): Promise<Readonly<Record<string, Outcome>>> {
  // Of its own: what one mutant still asks when it is over must not be taken for a request of the next.
  const bed = await startReferenceBed();
  try {
    const ends = await run(mutant, thorough ? everyCase(mutant) : casesAround(mutant), bed);
    const failed = ends.filter(({ outcome }) => outcome !== "pass" && outcome !== "skipped");
    return Object.fromEntries(failed.map(({ id, outcome }) => [id, outcome]));
  } finally {
    await bed.close();
  }
}

async function run(
  { make }: Mutant,
  cases: readonly ConformanceCase[],
  { config, host }: ReferenceBed,
): Promise<readonly CaseOutcome[]> {
  const clock = new ImpatientClock();
  const over = new AbortController();
  const later: (() => Promise<unknown>)[] = [];
  const plugin = make({ timeUp: clock.timeUp, over: over.signal, later });
  const kit = new KitRun({ plugin, config, host, clock });
  const ends: CaseOutcome[] = [];
  for (const item of cases) {
    clock.wind();
    ends.push(await kit.run(item));
  }
  over.abort();
  for (const work of later) await work();
  return [...ends, ...(await kit.finish())];
}

function everyCase({ caughtBy }: Mutant): readonly ConformanceCase[] {
  return CONFORMANCE_CASES.filter(({ id }) => id !== LARGE || caughtBy[LARGE] !== undefined);
}

function casesAround(mutant: Mutant): readonly ConformanceCase[] {
  const caughtIn = new Set(Object.keys(mutant.caughtBy).map(areaOf));
  const seen = new Set<string>();
  return everyCase(mutant).filter(({ id }) => {
    const isFirst = !seen.has(areaOf(id));
    seen.add(areaOf(id));
    return isFirst || caughtIn.has(areaOf(id));
  });
}

function areaOf(id: string): string {
  return id.split("/", 1)[0] ?? id;
}
