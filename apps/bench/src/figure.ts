/** One measured number, beside its budget where it has one. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ratio" | "MB" | "ms" | "requests";
  /** undefined: shown only. */
  readonly budget?: number;
  /** Which side of the budget is the good one. */
  readonly better: "lower" | "higher";
  /** One line: what was compared, and the numbers behind the value. */
  readonly detail: string;
}

export function figureLine({ name, value, unit, budget, better, detail }: Figure): string {
  const shown = `${unit === "requests" ? value : value.toFixed(2)}${unit === "ratio" ? "" : ` ${unit}`}`;
  if (budget === undefined) return `        ${shown.padStart(11)}  ${name}: ${detail}`;
  const kept = better === "lower" ? value <= budget : value >= budget;
  const bound = `${better === "lower" ? "at most" : "at least"} ${Number(budget.toFixed(2))}`;
  return `${kept ? "kept  " : "MISSED"}  ${shown.padStart(11)}  (${bound})  ${name}: ${detail}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
