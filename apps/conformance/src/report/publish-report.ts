import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { indexPage } from "./html/index-page.ts";
import { withBlock } from "./marked-block.ts";
import { mergeReports } from "./merge-reports.ts";
import { publishedPage, readmeBlock } from "./published-pages.ts";
import type { Report } from "./report.ts";
import { reportSchemaJson } from "./report-schema.ts";
import { summaryMarkdown } from "./summary-markdown.ts";
import { badgeFiles, reportJson, writeReportFiles } from "./write-reports.ts";

/** Name of the README's block. */
export const BLOCK = "conformance";

/**
 * Writes a report into `docs/conformance` and its numbers into the README. One that does not stand for the whole corpus
 * is refused: people choose a builder by it.
 */
export async function publishReport(given: Report, repositoryRoot: string): Promise<readonly string[]> {
  // Counted anew: nobody chooses a builder by figures that only stand in a file.
  const report = mergeReports([given]);
  const { gaps } = report.run;
  if (gaps.length > 0) {
    throw new Error(
      `The report is not published: ${gaps.join("; ")}. Run the whole corpus with every builder, or finish the run by --resume`,
    );
  }
  const readme = join(repositoryRoot, "README.md");
  const text = withBlock(await readFile(readme, "utf8"), BLOCK, readmeBlock(report));
  const folder = join(repositoryRoot, "docs/conformance");
  await removeBadges(folder);
  const written = await writeReportFiles(
    folder,
    new Map([...publishedFiles(report), ["index.html", await indexPage(report)]]),
  );
  await writeFile(readme, text);
  return [...written, readme];
}

/** What stands in `docs/conformance` beside the page, by name. */
export function publishedFiles(report: Report): ReadonlyMap<string, string> {
  return new Map([
    ["report.json", reportJson(report)],
    ["report.schema.json", reportSchemaJson()],
    ["summary.md", summaryMarkdown(report)],
    ["README.md", publishedPage(report)],
    ...badgeFiles(report),
  ]);
}

/** Of builders that there are no more. */
async function removeBadges(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter((name) => name.startsWith("badge-")).map((name) => rm(join(folder, name))));
}
