import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { STATUSES, type Status } from "@slipway/conformance";
import { validRange } from "semver";
import * as v from "valibot";
import { parseDocument } from "yaml";
import type { KnownDifference } from "../run-record.ts";
import { usageError } from "../usage-error.ts";

/** One file for each builder: `<builder>.yaml`. */
export const BASELINE_FOLDER = join(import.meta.dirname, "../../known-differences");

const text = v.pipe(v.string(), v.trim(), v.minLength(1, "is empty"));
const day = v.pipe(
  v.string(),
  v.isoDate('is not a day such as "2027-05-23"'),
  v.check(isOfCalendar, "is not a day of the calendar"),
);
const statuses = Object.keys(STATUSES).filter(
  (name) => !["pass", "pass-with-warning", "harness-error", "skipped"].includes(name),
) as Status[];

const entry = v.strictObject({
  case: text,
  builder: text,
  versions: v.exactOptional(
    v.pipe(
      v.string(),
      v.check((range) => validRange(range) !== null, 'is not a range such as ">=1.24 <1.29"'),
    ),
  ),
  expect: v.picklist(statuses),
  differences: v.array(text),
  reason: text,
  evidence: text,
  issue: v.exactOptional(text),
  added: day,
  expires: day,
});

/** The 31st of February is the 3rd of March to Date. */
function isOfCalendar(value: string): boolean {
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

/** Reads the lists of all builders. Throws a usage error that names file, entry and field. */
export async function loadKnownDifferences(
  folder: string = BASELINE_FOLDER,
): Promise<readonly KnownDifference[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".yaml")).sort();
  const lists = await Promise.all(
    names.map(async (name) => parseKnownDifferences(await readFile(join(folder, name), "utf8"), name)),
  );
  return lists.flat();
}

/** Reads one list; `file` is for errors, and names the builder that all of its entries are of. */
export function parseKnownDifferences(source: string, file: string): readonly KnownDifference[] {
  const document = parseDocument(source);
  const [broken] = document.errors;
  if (broken !== undefined) throw defect(file, broken.message.split("\n")[0] ?? "", "Correct the YAML");
  const result = v.safeParse(v.array(entry), document.toJS() ?? []);
  if (!result.success) throw malformed(result.issues[0], file);
  const builder = file.replace(/\.yaml$/, "");
  for (const [index, { case: id, builder: named }] of result.output.entries()) {
    if (named !== builder)
      throw defect(
        file,
        `entry ${index + 1} is of builder ${named}`,
        `Move it to ${named}.yaml, or write ${builder}`,
      );
    const same = result.output.findIndex((one, at) => at < index && isSame(one, result.output[index]));
    if (same >= 0)
      throw defect(
        file,
        `entry ${index + 1} is the second one of case ${id} for the same versions`,
        "Join them",
      );
  }
  return result.output;
}

function isSame(one: KnownDifference, other: KnownDifference | undefined): boolean {
  return one.case === other?.case && one.versions === other.versions;
}

function malformed(issue: v.BaseIssue<unknown>, file: string): Error {
  const [at, ...rest] = (v.getDotPath(issue) ?? "").split(".");
  const field = rest.join(".");
  const where = at === "" ? "the list" : `entry ${Number(at) + 1}${field === "" ? "" : `, field ${field},`}`;
  if (issue.kind === "schema" && issue.expected === "never")
    return defect(file, `${where} is not known`, `Use ${Object.keys(entry.entries).join(", ")}`);
  const why = issue.kind === "schema" ? `has to be ${issue.expected}, not ${issue.received}` : issue.message;
  return defect(file, `${where} ${why}`, "Correct it; docs/conformance.md tells what each field is for");
}

function defect(file: string, cause: string, remedy: string): Error {
  return usageError(`known-differences/${file}: ${cause}`, remedy);
}
