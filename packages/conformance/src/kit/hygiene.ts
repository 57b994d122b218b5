import { setImmediate as nextTurn } from "node:timers/promises";
import type { Bench } from "./bench.ts";
import { CaseFailure } from "./case-failure.ts";

/** Turns of the event loop in which a builder that is not done shows it. */
const TURNS = 5;

/** What must be true after every case: nothing that its builds made is still there or at work. */
export async function assertClean(bench: Bench): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
  refuseAny("in its work directory", await bench.litter());
  refuseAny("events after the build had settled", lateEvents(bench));
  refuseAny("in the cluster", (await bench.host.leftovers?.(bench.owner)) ?? []);
}

/** What must still be true at the end of the run: nobody has gone on in secret. */
export async function assertStillClean(bench: Bench): Promise<void> {
  refuseAny("events after the case had ended", lateEvents(bench));
  for (const reference of bench.absent) {
    const found = await bench.registry.digest(reference);
    if (found !== undefined && found !== "unreachable")
      throw new CaseFailure(
        `expected nothing at ${reference}, found ${found}, which was pushed later`,
        "leftovers",
      );
  }
}

function lateEvents(bench: Bench): readonly string[] {
  return bench.records.flatMap((record) => record.late);
}

function refuseAny(where: string, found: readonly string[]): void {
  if (found.length === 0) return;
  const shown = found.slice(0, 3).map((text) => JSON.stringify(text.slice(0, 100)));
  throw new CaseFailure(`expected nothing ${where}, found ${found.length}: ${shown.join(", ")}`, "leftovers");
}
