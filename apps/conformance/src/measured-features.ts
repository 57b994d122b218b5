import { STATUSES, type Status } from "@slipway/conformance";
import { FEATURES, type Feature } from "@slipway/core";
import type { BuilderRecord, RunRecord } from "./run-record.ts";

/**
 * What a measurement says of each feature, for the tables in which builders declare them: one line for every builder and feature that
 * has cases. A feature belongs into the table of a builder that passes all of them.
 */
export function measuredFeatures(record: RunRecord): readonly string[] {
  const features = Object.keys(FEATURES) as Feature[];
  return record.builders.flatMap((builder) =>
    features.flatMap((feature) => measured(feature, builder, record) ?? []),
  );
}

function measured(feature: Feature, { id, features }: BuilderRecord, record: RunRecord): string | undefined {
  const cases = record.cases.filter((item) => item.features.includes(feature)).map((item) => item.id);
  const found = record.results.filter((one) => one.builder === id && cases.includes(one.case));
  if (found.length === 0) return undefined;
  const counts = (Object.keys(STATUSES) as Status[])
    .map((status) => [status, found.filter((one) => one.status === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const passes = found.every(({ status }) => status === "pass" || status === "pass-with-warning");
  const declared = features.includes(feature);
  const verdict =
    declared === passes ? "" : declared ? "  <- declared, and not so" : "  <- could be declared";
  return `${id} ${feature}${declared ? " (declared)" : ""}: ${counts.join(", ")}${verdict}`;
}
