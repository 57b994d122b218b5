import type { Feature } from "@slipway/core";
import type { Report, ReportBuilder, ReportCase, ReportCell, ReportRun } from "./report.ts";

/** What was found out, before anything is counted. */
export interface Facts {
  readonly run: Omit<ReportRun, "gaps">;
  readonly builders: readonly BuilderFacts[];
  readonly cases: ReportCase[];
  readonly results: ReportCell[];
  readonly waivers: Report["waivers"];
}

export interface BuilderFacts
  extends Pick<ReportBuilder, "id" | "implementation" | "version" | "image" | "profile"> {
  readonly declared: readonly Feature[];
}
