import { BuildError } from "@slipway/core";
import * as v from "valibot";

/** Checks a value that the runner sent. `root` is its name in errors. Throws INVALID_REQUEST that names the field, and never quotes values. */
export function checkInput<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  root: string,
): v.InferOutput<S> {
  // Valibot takes an array for an object.
  if (Array.isArray(value)) throw refusedInput(`${root || "it"} must be Object, not an array`);
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = [root, v.getDotPath(issue)].filter(Boolean).join(".") || "the input";
  throw refusedInput(`${path} ${wordingOf(issue)}`);
}

function wordingOf(issue: v.BaseIssue<unknown>): string {
  // Values may be secrets: only their kind is named, except for the command.
  if (["picklist", "starts_with", "non_empty"].includes(issue.type)) return issue.message;
  if (issue.input === undefined) return "is missing";
  const expected = issue.expected?.replaceAll('"', "") ?? "something else";
  return `must be ${expected}, not ${kindOf(issue.input)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}

/** INVALID_REQUEST for an input that no runner sends. */
export function refusedInput(message: string): BuildError {
  return new BuildError("INVALID_REQUEST", `The input of the hook cannot be used: ${message}`, {
    remedy:
      "Start the hook through ACTIONS_RUNNER_CONTAINER_HOOKS of a runner that speaks the container hook protocol",
  });
}
