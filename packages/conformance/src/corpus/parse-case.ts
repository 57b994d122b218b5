import type { BuildError } from "@slipway/core";
import * as v from "valibot";
import { parseDocument } from "yaml";
import { caseSchema } from "./case-schema.ts";
import type { CorpusCase } from "./corpus-case.ts";
import { corpusDefect } from "./corpus-defect.ts";
import { fieldsAt } from "./schema-fields.ts";

/** Parses the text of a case.yaml. `file` is its name in messages. Throws INVALID_CONFIG that names file, field and cure. */
export function parseCase(text: string, file: string): Omit<CorpusCase, "folder"> {
  const result = v.safeParse(caseSchema, readYaml(text, file));
  if (!result.success) throw malformed(result.issues[0], file);
  return result.output as Omit<CorpusCase, "folder">;
}

function readYaml(text: string, file: string): unknown {
  const document = parseDocument(text);
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem === undefined) return document.toJS();
  const [what = ""] = problem.message.split("\n");
  throw corpusDefect(
    file,
    `is not YAML: ${what.replace(/:$/, "")}`,
    "Correct it; put quotes around text with : or #",
  );
}

function malformed(issue: v.BaseIssue<unknown>, file: string): BuildError {
  const field = v.getDotPath(issue);
  const where = field === null ? "the case" : `field ${field}`;
  if (issue.kind === "schema" && issue.expected === "never") {
    return corpusDefect(file, `${where} is not known`, `Use ${knownBeside(issue.path ?? [])}`);
  }
  if (issue.kind === "schema" && issue.received === "undefined") {
    return corpusDefect(
      file,
      `${where} is missing`,
      `Add ${field ?? "it"}; docs/corpus.md explains every field`,
    );
  }
  const why = issue.message.startsWith("Invalid ")
    ? `has to be ${expectedBy(issue)}, not ${issue.received}`
    : issue.message;
  return corpusDefect(
    file,
    `${where} ${why}`,
    `Correct ${field ?? "it"}; docs/corpus.md explains every field`,
  );
}

function expectedBy({ expected }: v.BaseIssue<unknown>): string {
  const names = (expected ?? "something else").replaceAll('"', "").replace(/^\((.*)\)$/, "$1");
  return names.includes(" | ") ? `one of ${names.replaceAll(" | ", ", ")}` : names.toLowerCase();
}

/** The fields that the schema knows where an unknown one was found. */
function knownBeside(path: readonly v.IssuePathItem[]): string {
  const parent = path.at(-1)?.input;
  const fields = fieldsAt(
    caseSchema,
    path.slice(0, -1).map(({ key }) => key),
  );
  const left = fields.filter((name) => typeof parent !== "object" || parent === null || !(name in parent));
  return left.length === 0 ? "the other fields" : left.join(", ");
}
