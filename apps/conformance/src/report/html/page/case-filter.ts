import type { Report, ReportCase, ReportCell } from "../../report.ts";

/** Empty text: no condition. */
export interface CaseFilter {
  readonly text: string;
  readonly group: string;
  readonly feature: string;
  readonly builder: string;
  readonly status: string;
  readonly verdict: string;
}

export const NO_FILTER: CaseFilter = {
  text: "",
  group: "",
  feature: "",
  builder: "",
  status: "",
  verdict: "",
};

const NAMES = Object.keys(NO_FILTER) as (keyof CaseFilter)[];

/** The cases that a filter lets through. Builder, status and verdict must hold of one and the same result. */
export function filterCases({ cases, results }: Report, filter: CaseFilter): ReportCase[] {
  const byCase = resultsByCase(results);
  return cases.filter(
    (of) =>
      (filter.group === "" || of.group === filter.group) &&
      (filter.feature === "" || of.features.some((feature) => feature === filter.feature)) &&
      hasText(of, filter.text) &&
      hasResult(byCase.get(of.id) ?? [], filter),
  );
}

/** Every result of a case, by its id. */
export function resultsByCase(results: readonly ReportCell[]): Map<string, ReportCell[]> {
  const groups = new Map<string, ReportCell[]>();
  for (const result of results) groups.set(result.case, [...(groups.get(result.case) ?? []), result]);
  return groups;
}

/** Every word stands somewhere in id, title or Dockerfile. */
function hasText({ id, title, dockerfile }: ReportCase, text: string): boolean {
  const where = `${id} ${title} ${dockerfile}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word));
}

function hasResult(results: readonly ReportCell[], { builder, status, verdict }: CaseFilter): boolean {
  if (status === "" && verdict === "") return true;
  return results.some(
    (result) =>
      (builder === "" || result.builder === builder) &&
      (status === "" || result.status === status) &&
      (verdict === "" || result.verdict === verdict),
  );
}

/** For the address bar: a view can be sent to somebody. Ids of cases have no `=`, so the two cannot be taken for each other. */
export function hashOfFilter(filter: CaseFilter): string {
  const set = NAMES.filter((name) => filter[name] !== "").map((name) => [name, filter[name]]);
  return set.length === 0 ? "" : `#${new URLSearchParams(set)}`;
}

export function filterOfHash(hash: string): CaseFilter | undefined {
  if (!hash.includes("=")) return undefined;
  const values = new URLSearchParams(hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, values.get(name) ?? ""])) as unknown as CaseFilter;
}
