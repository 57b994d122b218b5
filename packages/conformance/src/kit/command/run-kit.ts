import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type BuilderPlugin, isBuildError } from "@slipway/core";
import { loadCorpus } from "../../corpus/load-corpus.ts";
import { CONFORMANCE_CASES } from "../cases/all-cases.ts";
import { CorpusRun, casesOfProfile, corpusId } from "../corpus-run.ts";
import { type KitOptions, KitRun } from "../kit-run.ts";
import { type JudgedCase, judgeCase, type KnownFailures, unknownEntries } from "../known-failures.ts";
import type { CaseOutcome } from "../outcome.ts";
import { selectKitCases } from "../select-kit-cases.ts";
import type { KitSettings } from "../settings.ts";
import { startHost } from "../start-host.ts";
import { caseLine, exitCodeOf, KIT_EXIT, type KitReport, kitReport, summaryLine } from "./kit-report.ts";
import { loadHost, loadPlugin } from "./load-module.ts";
import type { KitArguments } from "./parse-arguments.ts";
import { readDataFile, readTextMap } from "./read-data-file.ts";

export interface KitEnvironment {
  readonly settings: KitSettings;
  /** The working directory: paths are relative to it. */
  readonly folder: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Everything that the arguments name, loaded. */
interface Prepared {
  readonly plugin: BuilderPlugin;
  readonly config: unknown;
  readonly knownFailures: KnownFailures;
  readonly createHost: Awaited<ReturnType<typeof loadHost>> | undefined;
  readonly units: readonly Unit[];
}

/** One thing to run: a behaviour case, or one of the corpus. */
interface Unit {
  readonly id: string;
  readonly run: (runs: { behaviour: KitRun; corpus: CorpusRun }) => Promise<CaseOutcome>;
  /** Whether no other may run meanwhile. */
  readonly alone: boolean;
}

/**
 * Loads what the arguments name, and returns how to run it: what fails until then is a mistake of the caller.
 */
export async function prepareKit(
  args: KitArguments,
  environment: KitEnvironment,
): Promise<() => Promise<number>> {
  const { folder } = environment;
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(folder, name));
  const [config, known] = [path(args.config), path(args.knownFailures)];
  const all = await unitsOf(args.profile);
  const prepared: Prepared = {
    plugin: await loadPlugin(args.builder ?? "", folder),
    config: config === undefined ? {} : await readDataFile(config),
    knownFailures: known === undefined ? {} : await readTextMap(known),
    createHost: args.host === undefined ? undefined : await loadHost(args.host, folder),
    units: selectKitCases(all, args.only),
  };
  return () =>
    runKit(
      prepared,
      args,
      environment,
      all.map(({ id }) => id),
    );
}

/** The ids of all cases, with their titles, one a line. */
export async function listKit(): Promise<readonly string[]> {
  const corpus = await loadCorpus();
  return [
    ...CONFORMANCE_CASES.map(({ id, title, requires }) => line(id, title, requires)),
    ...corpus.map((item) => line(corpusId(item), item.title, item.features)),
  ];
}

function line(id: string, title: string, features: readonly string[]): string {
  return `${id}: ${title}${features.length === 0 ? "" : ` [${features.join(", ")}]`}`;
}

async function unitsOf(profile: KitArguments["profile"]): Promise<readonly Unit[]> {
  const behaviour = CONFORMANCE_CASES.map(
    (item): Unit => ({
      id: item.id,
      run: (runs) => runs.behaviour.run(item),
      alone: item.alone === true,
    }),
  );
  if (profile === "behaviour") return behaviour;
  const corpus = casesOfProfile(await loadCorpus(), profile).map(
    (item): Unit => ({
      id: corpusId(item),
      run: (runs) => runs.corpus.run(item),
      alone: false,
    }),
  );
  return [...behaviour, ...corpus];
}

async function runKit(
  { plugin, config, knownFailures, createHost, units }: Prepared,
  { limitSeconds, graceSeconds, jobs, json, base }: KitArguments,
  { settings, print, signal, folder }: KitEnvironment,
  ids: readonly string[],
): Promise<number> {
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const place = { ...settings, ...(base === undefined ? {} : { base: baseOf(base, folder) }) };
  const host = await startHost(createHost, place, { builder: plugin.id, log: print });
  try {
    const options = {
      plugin,
      config,
      host,
      limitMs: limitSeconds * 1000,
      graceMs: graceSeconds * 1000,
      signal,
    };
    const behaviour = configured(options);
    if (behaviour instanceof Error) return misconfigured(behaviour, print);
    const runs = { behaviour, corpus: new CorpusRun(options, behaviour) };
    const cases = new Map<string, JudgedCase>();
    const end = (outcome: CaseOutcome) => {
      const judged = judgeCase(outcome, knownFailures);
      cases.set(judged.id, judged);
      print(
        [
          caseLine(judged),
          ...(judged.complaint === undefined ? [] : judged.log.map((text) => `      | ${text}`)),
        ].join("\n"),
      );
    };
    await runUnits(units, jobs, signal, async (unit) => end(await unit.run(runs)));
    for (const late of await behaviour.finish()) end(late);
    runs.corpus.close();
    const stopped = signal.aborted ? ["The run was stopped: nothing is known of the other cases"] : [];
    const complaints = [...unknownEntries(knownFailures, ids), ...stopped];
    const report = kitReport(plugin, behaviour.features, {
      startedAt,
      durationMs: Math.round(performance.now() - started),
      cases: [...cases.values()],
      complaints,
    });
    return await told(report, { json: json === undefined ? undefined : resolve(folder, json), print });
  } finally {
    await host.close();
  }
}

/** The run; or why the builder does not take its configuration, which is the caller's to mend. */
function configured(options: KitOptions): KitRun | Error {
  try {
    return new KitRun(options);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function misconfigured(error: Error, print: (line: string) => void): number {
  print(`The builder does not take its configuration: ${error.message}`);
  if (isBuildError(error) && error.remedy !== undefined) print(error.remedy);
  return KIT_EXIT.usage;
}

/** First those that run alone, then the others, some at a time. */
async function runUnits(
  units: readonly Unit[],
  jobs: number,
  signal: AbortSignal,
  run: (unit: Unit) => Promise<void>,
): Promise<void> {
  for (const unit of units.filter(({ alone }) => alone)) if (!signal.aborted) await run(unit);
  const queue = units.filter(({ alone }) => !alone);
  const worker = async () => {
    for (let unit = queue.shift(); unit !== undefined && !signal.aborted; unit = queue.shift())
      await run(unit);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function told(
  report: KitReport,
  { json, print }: { json: string | undefined; print: (line: string) => void },
): Promise<number> {
  report.complaints.forEach(print);
  print(summaryLine(report));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  return exitCodeOf(report);
}

/** A folder is a layout; everything else is a reference. */
function baseOf(base: string, folder: string): string {
  return base.startsWith(".") || base.startsWith("/") ? resolve(folder, base) : base;
}
