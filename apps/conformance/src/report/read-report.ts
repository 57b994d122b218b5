import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { usageError } from "../usage-error.ts";
import { REPORT_VERSION, type Report, ReportSchema } from "./report.ts";

/** Reads a `report.json`; the usage error of one that is none names the file, what is wrong and what to do. */
export async function readReport(file: string): Promise<Report> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw usageError(
      `The report ${file} cannot be read: ${error.message}`,
      "Name a report.json that a run has written",
    );
  });
  const value = parsed(file, text);
  const result = v.safeParse(ReportSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? "the whole";
  throw usageError(
    `${file} is no report of version ${REPORT_VERSION}: ${path}: ${issue.message}`,
    "Write it again with this version of the program",
  );
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(
      `${file} is no JSON: ${(error as Error).message}`,
      "Name a report.json that a run has written to its end",
    );
  }
}
