import { BuildError } from "@slipway/core";
import * as v from "valibot";

type Schema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** The configuration of a builder, by its schema. Throws INVALID_CONFIG that names the field and the cure. */
export function parseBuilderConfig<S extends Schema>(
  builder: string,
  schema: S,
  input: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, input ?? {});
  if (!result.success) throw malformed(builder, schema, result.issues[0]);
  return result.output;
}

function malformed(builder: string, schema: Schema, issue: v.BaseIssue<unknown>): BuildError {
  const field = v.getDotPath(issue) ?? "";
  const configuration = `The configuration of ${builder}`;
  const where = field === "" ? configuration : `${configuration}, field ${field},`;
  const unknown = issue.kind === "schema" && issue.expected === "never";
  return new BuildError("INVALID_CONFIG", `${where} ${unknown ? "is not known" : reason(issue)}`, {
    remedy: unknown
      ? `Use the fields ${Object.keys(schema.entries).join(", ")}`
      : `Correct ${field === "" ? "it" : field} in SLIPWAY_BUILDER_CONFIG`,
    details: { field },
  });
}

function reason(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== "schema") return issue.message;
  return `has to be ${(issue.expected ?? "something else").toLowerCase()}, not ${issue.received}`;
}
