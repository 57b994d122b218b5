import { expect, it } from "vitest";
import { summaryMarkdown } from "./summary-markdown.ts";
import { HOSTILE } from "./testing/sample-record.ts";
import { cleanReport, sampleReport } from "./testing/sample-report.ts";

it("tells first what nobody has explained", async () => {
  const summary = summaryMarkdown(await sampleReport());
  expect(summary).toMatch(/^# Conformance: 7 unexplained\n/);
  expect(summary).toContain(
    "- `copy-parents` with kaniko: **silently-ignored** – COPY --parents keeps the folders of the source – `missing:/a/b.txt`\n",
  );
  expect(summary.indexOf("## Not passed, and not explained")).toBeLessThan(summary.indexOf("## Builders"));
  expect(summary).toContain("## Not complete\n\n- the harness failed once with kaniko\n");
});

it("has the matrix of group by builder, and a line for each builder", async () => {
  const summary = summaryMarkdown(await sampleReport());
  expect(summary).toContain(
    "| group | kaniko 1.24.0 | dind 26.1.5 |\n|---|---|---|\n| parser | 0 % (0 of 1) | 100 % (1 of 1) |",
  );
  expect(summary).toContain("| mounts | – | 100 % (1 of 1) |");
  expect(summary).toContain("| **kaniko** 1.24.0 | none | 22.2 % (2 of 9) | 0 % (0 of 1) | 1 | 1 | 1 |");
});

it("says so when nothing is unexplained, and when it is not complete", async () => {
  expect(summaryMarkdown(await cleanReport())).toMatch(/^# Conformance: nothing unexplained\n/);
  expect(summaryMarkdown(await cleanReport({ corpusCases: 400 }))).toMatch(/^# Conformance: not complete\n/);
});

it("makes no markup, mention or table cell of what a build printed", async () => {
  const report = await sampleReport();
  const results = report.results.map((result) => ({ ...result, reason: HOSTILE }));
  const cases = report.cases.map((of) => ({ ...of, title: HOSTILE }));
  const summary = summaryMarkdown({ ...report, results, cases });
  const outsideCode = summary.replace(/(`+) ?.*? ?\1/g, "");
  expect(outsideCode).not.toContain("@everyone");
  expect(outsideCode).not.toMatch(/<\w/);
  expect(outsideCode).toContain("&#60;script&#62;");
});

it("stays short enough for a comment", async () => {
  const report = await sampleReport();
  const [first] = report.results.filter(({ verdict }) => verdict === "regression");
  const results = Array.from({ length: 900 }, () => ({ ...first, reason: "x".repeat(5000) }));
  const summary = summaryMarkdown({ ...report, results: results as typeof report.results });
  expect(summary).toContain("- … and 860 more");
  expect(summary.length).toBeLessThan(65_536);
});
