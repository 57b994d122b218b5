import type { Report } from "../../report.ts";

type Meanings = Readonly<Record<string, string>>;

/** What stands in the page as JSON. */
export interface PageData {
  readonly report: Report;
  readonly meanings: {
    readonly statuses: Meanings;
    readonly verdicts: Meanings;
    readonly groups: Meanings;
    readonly features: Meanings;
    readonly profiles: Meanings;
  };
}
