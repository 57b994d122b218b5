import type { RequestCounts } from "../call/call-request.ts";
import type { Figure } from "../figure.ts";
import type { Measured } from "./measured.ts";
import type { Sample } from "./samples.ts";

/**
 * Requests of one call, of ours and of the re-enactment. Throws where the latter asks for anything else than 0.8.1 did: then it
 * would measure something else.
 */
export function requestFigure(
  name: string,
  { ours, official }: Sample,
  { requests }: Measured,
  budget?: number,
): Figure {
  const made = countsOf(official.requests);
  const { "get pods": _waits, ...fixed } = made;
  if (textOf(fixed) !== textOf(requests))
    throw new Error(`${name}: made ${textOf(fixed)}, but official 0.8.1 makes ${textOf(requests)}`);
  const mine = countsOf(ours.requests);
  return {
    name: `${name}: requests to the API server`,
    value: totalOf(mine),
    unit: "requests",
    ...(budget === undefined ? {} : { budget }),
    better: "lower",
    detail: `${textOf(mine)}; official ${totalOf(made)}: ${textOf(made)} (measured, waits apart: ${textOf(requests)})`,
  };
}

function countsOf(requests: RequestCounts | undefined): RequestCounts {
  if (requests === undefined) throw new Error("The call was not counted");
  return requests;
}

function totalOf(requests: RequestCounts): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}

function textOf(requests: RequestCounts): string {
  const sorted = Object.entries(requests).sort(([a], [b]) => a.localeCompare(b));
  return sorted.map(([name, count]) => `${count} ${name}`).join(", ") || "none";
}
