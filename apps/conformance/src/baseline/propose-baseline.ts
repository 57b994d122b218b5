import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { KnownDifference, RunRecord } from "../run-record.ts";
import { idsOf } from "./verdicts.ts";

const HALF_A_YEAR_MS = 183 * 24 * 3600 * 1000;

/**
 * Writes for every builder what its list of known differences would have to be, as `<builder>.proposal.yaml`. Reason and evidence of new
 * entries are empty, and an empty reason is refused: a person has to say why.
 */
export async function proposeBaseline(
  record: RunRecord,
  folder: string,
  now: Date,
): Promise<readonly string[]> {
  return Promise.all(
    record.builders.map(async ({ id }) => {
      const file = join(folder, `${id}.proposal.yaml`);
      const entries = entriesFor(id, record, now);
      await writeFile(file, entries.length === 0 ? "[]\n" : stringify(entries, { lineWidth: 120 }));
      return file;
    }),
  );
}

function entriesFor(builder: string, { verdicts, results }: RunRecord, now: Date): readonly object[] {
  return verdicts.flatMap((cell): object[] => {
    if (cell.builder !== builder) return [];
    if (cell.verdict === "known" && cell.known !== undefined) return [cell.known];
    const result = results.find((one) => one.case === cell.case && one.builder === builder);
    if (cell.verdict !== "regression" || result === undefined) return [];
    return [
      {
        case: cell.case,
        builder,
        expect: result.status,
        differences: [...idsOf(result.differences.map(({ id }) => id))],
        reason: "",
        evidence: "",
        added: dayOf(now),
        expires: dayOf(new Date(now.getTime() + HALF_A_YEAR_MS)),
      } satisfies KnownDifference,
    ];
  });
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
