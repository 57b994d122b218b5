import { STATUSES, type Status } from "@slipway/conformance";
import { FEATURES, type Feature } from "@slipway/core";
import { hasPassed } from "./report/score.ts";
import type { BuilderRecord, RunRecord } from "./run-record.ts";

/**
 * What a measurement says of each feature, for the tables in which builders declare them: one line for every builder and feature that
 * has cases. A feature belongs into the table of a builder that passes all of them. Cases that need another feature as well, which the
 * builder does not declare, tell nothing of this one; to fail where a case must fail alone is no proof that a feature is there.
 */
export function measuredFeatures(record: RunRecord): readonly string[] {
  const features = Object.keys(FEATURES) as Feature[];
  return record.builders.flatMap((builder) =>
    features.flatMap((feature) => measured(feature, builder, record) ?? []),
  );
}

function measured(feature: Feature, { id, features }: BuilderRecord, record: RunRecord): string | undefined {
  const telling = record.cases.filter(
    (item) =>
      item.features.includes(feature) &&
      item.features.every((other) => other === feature || features.includes(other)),
  );
  const found = record.results
    .filter((one) => one.builder === id)
    .flatMap((result) => telling.filter((of) => of.id === result.case).map((of) => ({ of, result })));
  if (found.length === 0) return undefined;
  const counts = (Object.keys(STATUSES) as Status[])
    .map((status) => [status, found.filter(({ result }) => result.status === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const passes = found.every(({ result }) => hasPassed(result));
  const builds = found.some(({ of }) => !("fails" in of.expect));
  const declared = features.includes(feature);
  const start = `${id} ${feature}${declared ? " (declared)" : ""}: ${counts.join(", ")}`;
  if (declared && !passes) return `${start}  <- declared, and not so`;
  if (!declared && passes && builds) return `${start}  <- could be declared`;
  return start;
}
