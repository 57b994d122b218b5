import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readReport } from "./read-report.ts";
import { sampleReport } from "./testing/sample-report.ts";
import { reportJson } from "./write-reports.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-report-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(text: string): Promise<string> {
  const file = join(folder, "report.json");
  await writeFile(file, text);
  return file;
}

it("reads what was written", async () => {
  const report = await sampleReport();
  expect(await readReport(await written(reportJson(report)))).toEqual(report);
});

it("passes over what it does not know", async () => {
  const report = await sampleReport();
  expect(await readReport(await written(JSON.stringify({ ...report, later: true })))).toEqual(report);
});

it("says what is wrong with a file, and what to do", async () => {
  const newer = JSON.stringify({ ...(await sampleReport()), version: 2 });
  const bad = [
    [undefined, /cannot be read: ENOENT/, /Name a report\.json/],
    ['{"kind":', /is no JSON/, /written to its end/],
    [newer, /no report of version 1: version: /, /Write it again/],
  ] as const;
  for (const [text, message, remedy] of bad) {
    const file = text === undefined ? join(folder, "none.json") : await written(text);
    await expect(readReport(file)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
  }
});
