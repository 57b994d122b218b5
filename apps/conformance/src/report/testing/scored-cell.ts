import type { Status } from "@slipway/conformance";
import type { ReportCase, ReportCell } from "../report.ts";
import type { ScoredCell } from "../score.ts";

/** A result with its case, of the core profile unless it needs a feature. */
export function scoredCell(
  result: Partial<ReportCell> & { readonly status: Status },
  of: Partial<ReportCase> = {},
): ScoredCell {
  const id = of.id ?? "a-case";
  return {
    of: {
      id,
      group: "copy",
      title: "COPY copies",
      spec: "https://docs.docker.com/reference/dockerfile/#copy",
      base: "scratch",
      features: [],
      profile: (of.features ?? []).length === 0 ? "core" : "extended",
      dockerfile: "FROM scratch\n",
      build: {},
      expect: {},
      ...of,
    },
    result: { case: id, builder: "kaniko", verdict: "expected", differences: [], durationMs: 1, ...result },
  };
}
