import { STATUSES, type Status } from "@slipway/conformance";
import type { CellVerdict, RunRecord, VerdictName } from "./run-record.ts";
import type { Stopped } from "./schedule/run-cells.ts";

const WHY_STOPPED: Readonly<Record<Stopped, string>> = {
  cancelled: "The run was cancelled. --resume goes on with it.",
  "cluster-away": "The cluster went away. --resume goes on once it is back.",
  "harness-broken":
    "Nothing can be learnt any more: one harness error after the other. Mend it, then --resume.",
};

/** The end of a run, for a terminal: what is unexpected first, then the counts. */
export function summaryLines(record: RunRecord, stopped: Stopped | undefined): readonly string[] {
  const of = (verdict: VerdictName) => record.verdicts.filter((cell) => cell.verdict === verdict);
  // A measurement has no expectations.
  const unexpected = record.probe ? [] : [...of("regression"), ...of("unexpected-pass")];
  return [
    "",
    ...unexpected.map((cell) => `${cell.verdict}: ${cell.builder} ${cell.case}, ${statusOf(cell, record)}`),
    ...record.waivers.map(({ problem, message }) => `${problem}: ${message}`),
    ...record.builders.map(({ id, version }) => `${id} ${version}: ${countsOf(id, record)}`),
    `${record.results.length} cells, ${of("incomplete").length} incomplete, ${of("known").length} known differences, ${record.casesPerMinute} per minute, ${Math.round(record.durationMs / 1000)} s in all`,
    ...(stopped === undefined ? [] : [WHY_STOPPED[stopped]]),
  ];
}

function statusOf({ case: id, builder }: CellVerdict, { results }: RunRecord): string {
  return results.find((one) => one.case === id && one.builder === builder)?.status ?? "no result";
}

function countsOf(builder: string, { results }: RunRecord): string {
  const own = results.filter((one) => one.builder === builder);
  const counts = (Object.keys(STATUSES) as Status[]).map(
    (status) => [status, own.filter((one) => one.status === status).length] as const,
  );
  const some = counts.filter(([, count]) => count > 0);
  return some.length === 0 ? "nothing" : some.map(([status, count]) => `${count} ${status}`).join(", ");
}
