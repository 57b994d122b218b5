import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CorpusCase,
  corpusDigest,
  loadCorpus,
  selectCases,
  whyNoSecondOpinion,
} from "@slipway/conformance";
import { loadTestbed, type Testbed } from "@slipway/testbed";
import { loadKnownDifferences } from "./baseline/known-differences.ts";
import { proposeBaseline } from "./baseline/propose-baseline.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { measuredFeatures } from "./measured-features.ts";
import { type ConformanceOptions, USAGE } from "./options.ts";
import type { ProgressOptions } from "./progress.ts";
import { publishReport } from "./report/publish-report.ts";
import { readReport } from "./report/read-report.ts";
import type { Report } from "./report/report.ts";
import { writeMergedReports, writeReports } from "./report/write-reports.ts";
import { runBisection } from "./run-bisection.ts";
import { type FinishedRun, runConformance } from "./run-conformance.ts";
import { openJournal } from "./schedule/journal.ts";
import { useCluster } from "./settings.ts";
import { summaryLines } from "./summary-lines.ts";
import { TARGETS } from "./targets/known-targets.ts";
import { usageError } from "./usage-error.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");

export interface Invocation {
  /** The command line. */
  readonly arguments: readonly string[];
  readonly signal: AbortSignal;
  readonly terminal: Pick<ProgressOptions, "write" | "isTerminal">;
}

/** Returns the exit code. */
type CarryOut = () => number | Promise<number>;

/** Reads and checks everything that the options name, and returns how to do it. Throws a usage error; nothing is started yet. */
export async function prepare(options: ConformanceOptions, invocation: Invocation): Promise<CarryOut> {
  const { action } = options;
  const print = (line: string) => invocation.terminal.write(`${line}\n`);
  switch (action.kind) {
    case "help":
      return printing([USAGE], print);
    case "merge": {
      const reports = await Promise.all(action.files.map(readReport));
      return () => merge(reports, options.out, print);
    }
    case "publish": {
      const report = await readReport(action.file);
      return async () => printing(await publishReport(report, REPOSITORY), print)();
    }
  }
  const corpus = await loadCorpus();
  if (action.kind === "bisect") {
    const item = bisectable(action.case, corpus, options);
    return async () => runBisection({ ...invocation, item, options, testbed: await testbedInUse(), print });
  }
  const cases = selectCases(corpus, options.filter);
  if (action.kind === "list")
    return printing([...cases.map(listed), `${cases.length} of ${corpus.length} cases`], print);
  await assertSecondOpinion(options);
  const known = options.probe ? [] : await loadKnownDifferences();
  const digest = await corpusDigest();
  const testbed = await testbedInUse();
  const identity = { corpusDigest: digest, builders: knownBuilders(testbed), probe: options.probe };
  const journal = await openJournal(options.out, identity, { resume: options.resume, now: new Date() });
  return async () => {
    const finished = await runConformance({
      ...invocation,
      options,
      cases,
      known,
      testbed,
      journal,
      tool: await ownVersion(),
      corpus: { ids: corpus.map(({ id }) => id), digest },
    });
    return report(finished, options, print);
  };
}

async function report(
  { record, stopped }: FinishedRun,
  { out, action }: ConformanceOptions,
  print: (line: string) => void,
): Promise<number> {
  const files = await writeReports(record, out);
  const proposing = action.kind === "run" && action.updateBaseline;
  const proposals = proposing ? await proposeBaseline(record, out, new Date()) : [];
  const measured = record.probe ? measuredFeatures(record) : [];
  for (const line of [...measured, ...summaryLines(record, stopped), ...files, ...proposals]) print(line);
  return exitCodeOf(record);
}

/** Throws a usage error for a case that there is not, or when there is nothing to compare with. */
function bisectable(
  name: string,
  corpus: readonly CorpusCase[],
  { builders }: ConformanceOptions,
): CorpusCase {
  const item = corpus.find(({ id, group }) => id === name || `${group}/${id}` === name);
  if (item === undefined) throw usageError(`There is no case ${name}`, "See --list for their names");
  if (builders.length >= 2) return item;
  throw usageError("--bisect compares builders, and only one is named", "Leave --builder out");
}

/** All of them, also those that were not asked for: a run of one can be resumed with the other. */
function knownBuilders(testbed: Testbed): readonly string[] {
  return Object.values(TARGETS).map(({ record }) => {
    const { id, version, image } = record(testbed);
    return `${id} ${version} ${image}`;
  });
}

async function assertSecondOpinion({ secondOpinion }: ConformanceOptions): Promise<void> {
  const missing = secondOpinion ? await whyNoSecondOpinion() : undefined;
  if (missing !== undefined)
    throw usageError(
      `There is no second opinion to be had: ${missing}`,
      "Run as root after apt-get install umoci, or leave out --second-opinion",
    );
}

async function testbedInUse(): Promise<Testbed> {
  const testbed = await loadTestbed();
  useCluster(testbed.kubeconfig);
  return testbed;
}

/** Ends as one run of the whole would have ended. */
async function merge(
  reports: readonly Report[],
  out: string,
  print: (line: string) => void,
): Promise<number> {
  const { report, files } = await writeMergedReports(reports, out);
  const { run, results, waivers } = report;
  for (const line of [...run.gaps, ...waivers.map(({ message }) => message), ...files]) print(line);
  return exitCodeOf({ complete: run.gaps.length === 0, probe: run.probe, verdicts: results, waivers });
}

function printing(lines: readonly string[], print: (line: string) => void): CarryOut {
  return () => {
    for (const line of lines) print(line);
    return EXIT.asExpected;
  };
}

function listed({ group, id, features, title }: CorpusCase): string {
  const needs = features.length === 0 ? "" : ` [${features.join(", ")}]`;
  return `${group}/${id}${needs}: ${title}`;
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
