import type { ReportCell } from "../../report.ts";
import type { CaseFilter } from "./case-filter.ts";
import type { PageData } from "./page-data.ts";

/** What the parts of the page have in common: the data, and how to show other cases. */
export interface View extends PageData {
  readonly resultsOf: ReadonlyMap<string, readonly ReportCell[]>;
  /** Shows the cases of a filter and leads there. */
  show(filter: Partial<CaseFilter>): void;
}
