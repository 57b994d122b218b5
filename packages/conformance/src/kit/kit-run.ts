import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderPlugin, Clock, Feature, Logger } from "@slipway/core";
import { settledInTime } from "../run/settled-in-time.ts";
import { Bench } from "./bench.ts";
import { type BuilderConfig, configFor } from "./builder-config.ts";
import { ABILITIES, type Ability, type ConformanceCase } from "./conformance-case.ts";
import { assertClean, assertStillClean } from "./hygiene.ts";
import type { KitHost } from "./kit-host.ts";
import type { CaseOutcome } from "./outcome.ts";
import { RegistryView } from "./registry-view.ts";
import { silentLogger } from "./silent-logger.ts";
import { UnhandledErrors } from "./unhandled-errors.ts";
import { crashOf, type Verdict, verdictOf } from "./verdict.ts";

export interface KitOptions {
  readonly plugin: BuilderPlugin;
  readonly config: BuilderConfig;
  readonly host: KitHost;
  /** Milliseconds for one case; 5 minutes when left out. */
  readonly limitMs?: number;
  /** Milliseconds that a builder may take to stop when the time is over; 30 s when left out. */
  readonly graceMs?: number;
  /** What the builder logs; nowhere when left out. */
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** A run of behaviour cases with one builder. Call `finish` when it is over. */
export class KitRun {
  readonly features: readonly Feature[];
  /** Of all cases that run in this process; `finish` tells of the late ones. */
  readonly defects = new UnhandledErrors();
  readonly #options: KitOptions;
  readonly #registry: RegistryView;
  /** Of the cases that passed. */
  readonly #passed = new Map<string, Bench>();

  /** Throws what `parseConfig` and `features` of the plugin throw. */
  constructor(options: KitOptions) {
    this.#options = options;
    this.#registry = new RegistryView(options.host);
    const { plugin, config, host } = options;
    const place = { trust: host.trust, owner: "", workDir: "", logger: silentLogger };
    const wish = { access: "right", privateBase: false, ...place } as const;
    this.features = plugin.features(plugin.parseConfig(configFor(config, host, wish)));
  }

  /** Why a case is not run; undefined when it is. */
  skipReason({ requires, needs = [] }: ConformanceCase): string | undefined {
    const feature = requires.find((name) => !this.features.includes(name));
    if (feature !== undefined) return `the builder does not declare ${feature}`;
    const ability = needs.find((name) => !this.#has(name));
    return ability === undefined ? undefined : `it needs ${ABILITIES[ability]}`;
  }

  /** Runs a case and says how it ended; never rejects. */
  async run(item: ConformanceCase): Promise<CaseOutcome> {
    const reason = this.skipReason(item);
    if (reason !== undefined) return { id: item.id, outcome: "skipped", reason, durationMs: 0, log: [] };
    const started = performance.now();
    const folder = await mkdtemp(join(tmpdir(), "slipway-kit-"));
    try {
      const { bench, verdict } = await this.defects.during(item.id, () => this.#attempt(item, folder));
      const passed = verdict.outcome === "pass";
      if (passed && bench !== undefined) this.#passed.set(item.id, bench);
      const log = passed ? [] : (bench?.records ?? []).flatMap(({ log: { lines } }) => lines).slice(-50);
      return { id: item.id, ...verdict, durationMs: Math.round(performance.now() - started), log };
    } finally {
      // A builder that hangs may still write here: it has been told of, and the folder is in the machine's own for such things.
      await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
    }
  }

  /** What came to light when its case was over: cases that do not pass after all. */
  async finish(): Promise<readonly CaseOutcome[]> {
    const late = new Map<string, Verdict>();
    for (const [id, bench] of this.#passed) {
      const error = await assertStillClean(bench).catch((thrown: unknown) => thrown);
      if (error !== undefined) late.set(id, verdictOf(error));
    }
    for (const [id, defect] of this.defects.late()) late.set(id, crashOf(defect));
    this.defects.stop();
    this.#registry.close();
    return [...late].map(([id, verdict]) => ({ id, durationMs: 0, log: [], ...verdict }));
  }

  async #attempt(item: ConformanceCase, folder: string): Promise<{ bench?: Bench; verdict: Verdict }> {
    const { limitMs = 300_000, graceMs = 30_000, clock, logger = silentLogger } = this.#options;
    const { plugin, config, host, signal = new AbortController().signal } = this.#options;
    const made: { bench?: Bench } = {};
    const work = async (limited: AbortSignal) => {
      const { features } = this;
      const place = { host, registry: this.#registry, folder, logger };
      made.bench = new Bench({ plugin, config, features, ...place, caseId: item.id, signal: limited });
      await item.run(made.bench);
      await assertClean(made.bench);
    };
    const timing = { limitMs, graceMs, signal, ...(clock === undefined ? {} : { clock }) };
    const settled = await settledInTime(work, timing);
    const overtime = made.bench?.signal.aborted === true && !signal.aborted;
    const defect = this.defects.take(item.id);
    // What broke is told before what came of it.
    if (defect !== undefined) return { ...made, verdict: crashOf(defect) };
    if (settled === "hanging" || overtime)
      return { ...made, verdict: tooLong(limitMs, settled === "hanging") };
    const verdict: Verdict = "error" in settled ? verdictOf(settled.error) : { outcome: "pass" };
    return { ...made, verdict };
  }

  #has(ability: Ability): boolean {
    const { registry, trust, shellBase } = this.#options.host;
    if (ability === "shell-base") return shellBase !== undefined;
    if (ability === "registry-password") return registry.credential !== undefined;
    return trust.plainHttp.includes(registry.name);
  }
}

function tooLong(limitMs: number, hanging: boolean): Verdict {
  const reason = `not done after ${limitMs / 1000} s`;
  return {
    outcome: "timeout",
    reason: hanging ? `${reason}, and it does not stop when it is told to` : reason,
  };
}
