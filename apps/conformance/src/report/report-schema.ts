import { toJsonSchema } from "@valibot/to-json-schema";
import { ReportSchema } from "./report.ts";

/** The text of `report.schema.json`. */
export function reportSchemaJson(): string {
  const schema = toJsonSchema(ReportSchema, { target: "draft-07" });
  return `${JSON.stringify({ ...schema, title: "Report of a conformance run", description: "Members that a reader does not know are to be passed over." }, null, 2)}\n`;
}
