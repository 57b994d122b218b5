import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RunRecord } from "../run-record.ts";
import { usageError } from "../usage-error.ts";
import { badgeEndpoint, badgeSvg } from "./badge.ts";
import { composeReport } from "./compose-report.ts";
import { indexPage } from "./html/index-page.ts";
import { junitXml } from "./junit-xml.ts";
import { mergeReports } from "./merge-reports.ts";
import type { Report } from "./report.ts";
import { summaryMarkdown } from "./summary-markdown.ts";

/** Writes everything that tells of a run into `folder`, also of one that did not get to its end; returns the files. */
export async function writeReports(record: RunRecord, folder: string): Promise<readonly string[]> {
  return writeReportFiles(folder, await reportFiles(await composeReport(record)));
}

export interface MergedReports {
  readonly report: Report;
  /** Those that were written. */
  readonly files: readonly string[];
}

/** Puts the reports of shards together and writes the reports of the whole. */
export async function writeMergedReports(
  [first, ...others]: readonly Report[],
  folder: string,
): Promise<MergedReports> {
  if (first === undefined)
    throw usageError("There is nothing to merge", "Name the report.json of every shard");
  const report = mergeReports([first, ...others]);
  return { report, files: await writeReportFiles(folder, await reportFiles(report)) };
}

/** Every file by its name. */
export async function reportFiles(report: Report): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["report.json", reportJson(report)],
    ["junit.xml", junitXml(report)],
    ["summary.md", summaryMarkdown(report)],
    ["index.html", await indexPage(report)],
    ...badgeFiles(report),
  ]);
}

/** One result a line: small, and a change of one is a change of one line. */
export function reportJson({ cases, results, ...rest }: Report): string {
  const lines = (items: readonly object[]): string => items.map((item) => JSON.stringify(item)).join(",\n");
  const head = JSON.stringify(rest, null, 1).slice(0, -2);
  return `${head},\n "cases": [\n${lines(cases)}\n],\n "results": [\n${lines(results)}\n]\n}\n`;
}

export function badgeFiles({ builders }: Report): [string, string][] {
  return builders.flatMap((builder): [string, string][] => [
    [`badge-${builder.id}.svg`, badgeSvg(builder)],
    [`badge-${builder.id}.json`, badgeEndpoint(builder)],
  ]);
}

export async function writeReportFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  return Promise.all(
    Array.from(files, async ([name, text]) => {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    }),
  );
}
