import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunRecord } from "../../run-record.ts";
import { composeReport } from "../compose-report.ts";
import type { Report } from "../report.ts";
import { cleanRecord, sampleRecord } from "./sample-record.ts";

/** The report of the run that has every status there is. */
export function sampleReport(change: Partial<RunRecord> = {}): Promise<Report> {
  return inFolder(async (folder) => composeReport({ ...(await sampleRecord(folder)), ...change }));
}

/** The report of a run in which everything passes. */
export function cleanReport(change: Partial<RunRecord> = {}): Promise<Report> {
  return inFolder(async (folder) => composeReport({ ...(await cleanRecord(folder)), ...change }));
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sample-report-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
