import { GROUPS, STATUSES } from "@slipway/conformance";
import { ERROR_CODES, FEATURES } from "@slipway/core";
import * as v from "valibot";
import { VERDICTS } from "../run-record.ts";

/** Goes up when a reader of the older shape would misread the newer. Members may be added without: readers pass over what they do not know. */
export const REPORT_VERSION = 1;

export const PROFILES = {
  core: "cases that need no feature: what every builder must do",
  extended: "cases that need a feature, which a builder may lack if it says so",
} as const;

export type Profile = keyof typeof PROFILES;

export const LEVEL_NAMES = ["none", "bronze", "silver", "gold"] as const;

export type LevelName = (typeof LEVEL_NAMES)[number];

const namesOf = <T extends object>(table: T) =>
  v.picklist(Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]);
/** An optional member for each name of a table: the tables grow, and older reports stay readable. */
const perName = <K extends string, S extends v.GenericSchema>(
  table: Readonly<Record<K, unknown>>,
  schema: S,
) =>
  v.object(
    Object.fromEntries(Object.keys(table).map((name) => [name, v.exactOptional(schema)])) as Record<
      K,
      v.ExactOptionalSchema<S, undefined>
    >,
  );
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.minValue(0));
const filled = v.pipe(v.string(), v.minLength(1));
const texts = v.array(v.string());

const score = v.object({
  passed: count,
  /** What could have passed: all but skipped cells, and refusals for want of a feature that the builder does not declare. */
  applicable: count,
  /** Known differences among the applicable ones. They are not passed. */
  known: count,
  /** Refused before the build, whether applicable or not. */
  unsupported: count,
  silentlyIgnored: count,
  /** Every result, applicable or not. */
  cells: count,
});

const featureMeasured = v.object({ feature: namesOf(FEATURES), declared: v.boolean(), score });

const builder = v.object({
  id: filled,
  /** As its maker calls it. */
  implementation: filled,
  version: filled,
  image: v.string(),
  /** Name of the settings it ran with. */
  profile: filled,
  /** Every feature: what it says of itself, beside what the corpus found. */
  features: v.array(featureMeasured),
  statuses: perName(STATUSES, count),
  score: v.object({
    all: score,
    profiles: v.object({ core: score, extended: score }),
    groups: perName(GROUPS, score),
  }),
  level: v.object({
    reached: v.picklist(LEVEL_NAMES),
    /** What keeps it from the next one, a sentence each. */
    missing: v.array(filled),
  }),
});

const reportCase = v.object({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)),
  group: namesOf(GROUPS),
  title: filled,
  spec: v.string(),
  base: v.picklist(["scratch", "busybox", "debian", "other"]),
  features: v.array(namesOf(FEATURES)),
  profile: namesOf(PROFILES),
  /** The Dockerfile's text; cut where it is very long. */
  dockerfile: v.string(),
  /** Target, platform, arguments, labels: as in `case.yaml`. */
  build: v.record(v.string(), v.unknown()),
  /** The facts wanted: as in `case.yaml`. */
  expect: v.record(v.string(), v.unknown()),
});

const differences = v.array(v.object({ id: filled, expected: v.string(), actual: v.string() }));

const known = v.object({
  reason: filled,
  evidence: v.string(),
  issue: v.exactOptional(v.string()),
  /** The day after which it no longer counts. */
  expires: filled,
});

const cell = v.object({
  case: filled,
  builder: filled,
  status: namesOf(STATUSES),
  verdict: namesOf(VERDICTS),
  known: v.exactOptional(known),
  /** In what the image is not as the case says. */
  differences,
  /** In what it is not like the reference builder's image, beyond what the case says. */
  parity: v.exactOptional(v.object({ with: filled, differences })),
  error: v.exactOptional(
    v.object({
      code: namesOf(ERROR_CODES),
      message: v.string(),
      remedy: v.exactOptional(v.string()),
      line: v.exactOptional(count),
    }),
  ),
  reason: v.exactOptional(v.string()),
  contextSha256: v.exactOptional(v.string()),
  digest: v.exactOptional(v.string()),
  run: v.exactOptional(v.object({ exitCode: v.number(), output: v.string() })),
  warnings: v.exactOptional(texts),
  attempts: v.exactOptional(count),
  durationMs: amount,
  /** Of cells that did not pass: the last lines of the build. */
  log: v.exactOptional(texts),
});

/** One run, however often it was resumed; a report that was merged has several. */
const part = v.object({
  /** ISO 8601. */
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  durationMs: amount,
  casesPerMinute: amount,
  kubernetes: filled,
  /** Of the command line. */
  arguments: texts,
});

const run = v.object({
  tool: filled,
  /** `sha256:…` over the whole corpus: reports of one digest can be compared and merged. */
  corpusDigest: filled,
  /** How many cases the whole corpus has. */
  corpusCases: count,
  parts: v.pipe(v.array(part), v.minLength(1)),
  /** Builders were asked for what they do not declare as well: a measurement. */
  probe: v.boolean(),
  /** Why this does not stand for the whole corpus, a sentence each; a report with one of them is not published. */
  gaps: v.array(filled),
});

const waiver = v.object({ case: filled, builder: filled, problem: filled, message: filled });

/** The one place that says what `report.json` is; `report.schema.json` is made from it. */
export const ReportSchema = v.object({
  kind: v.literal("slipway-conformance-report"),
  version: v.literal(REPORT_VERSION),
  run,
  builders: v.array(builder),
  cases: v.array(reportCase),
  /** At most one for each case and builder. */
  results: v.array(cell),
  /** Entries of the list of known differences that do not hold any more. */
  waivers: v.array(waiver),
});

export type Report = v.InferOutput<typeof ReportSchema>;
export type ReportRun = Report["run"];
export type ReportBuilder = Report["builders"][number];
export type ReportCase = Report["cases"][number];
export type ReportCell = Report["results"][number];
export type FeatureMeasured = ReportBuilder["features"][number];
export type Score = v.InferOutput<typeof score>;
export type Level = ReportBuilder["level"];
