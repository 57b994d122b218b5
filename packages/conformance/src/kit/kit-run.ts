import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuilderPlugin, type Clock, type Feature, isBuildError, type Logger } from "@slipway/core";
import { settledInTime } from "../run/settled-in-time.ts";
import { Bench } from "./bench.ts";
import { type BuilderConfig, configFor } from "./builder-config.ts";
import { CaseFailure, NotApplicable } from "./case-failure.ts";
import { ABILITIES, type Ability, type ConformanceCase } from "./conformance-case.ts";
import { assertClean, assertStillClean } from "./hygiene.ts";
import type { KitHost } from "./kit-host.ts";
import type { CaseOutcome, Outcome } from "./outcome.ts";
import { RegistryView } from "./registry-view.ts";

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

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A run of behaviour cases with one builder, one case after the other. */
export class KitRun {
  readonly features: readonly Feature[];
  readonly #options: KitOptions;
  readonly #registry: RegistryView;
  readonly #benches = new Map<string, Bench>();

  /** Throws what `parseConfig` and `features` of the plugin throw. */
  constructor(options: KitOptions) {
    this.#options = options;
    this.#registry = new RegistryView(options.host);
    const { plugin, config, host } = options;
    const wish = {
      access: "right",
      privateBase: false,
      trust: host.trust,
      owner: "",
      workDir: "",
      logger: silent,
    } as const;
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
    const skipped = this.skipReason(item);
    if (skipped !== undefined) return outcome(item, "skipped", 0, skipped);
    const started = performance.now();
    const folder = await mkdtemp(join(tmpdir(), "slipway-kit-"));
    const defects = new UnhandledErrors();
    try {
      const ended = await this.#settle(item, folder, defects);
      return outcome(
        item,
        ended.outcome,
        performance.now() - started,
        ended.reason,
        this.#benches.get(item.id),
      );
    } finally {
      defects.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** What came to light when its case was over: cases that passed, and do not. */
  async finish(): Promise<readonly CaseOutcome[]> {
    const late: CaseOutcome[] = [];
    for (const [id, bench] of this.#benches) {
      const error = await assertStillClean(bench).catch((thrown: unknown) => thrown);
      if (error !== undefined) late.push({ id, durationMs: 0, log: [], ...verdictOf(error) });
    }
    return late;
  }

  async #settle(item: ConformanceCase, folder: string, defects: UnhandledErrors): Promise<Verdict> {
    const { limitMs = 300_000, graceMs = 30_000, clock, logger = silent } = this.#options;
    const { plugin, config, host, signal = new AbortController().signal } = this.#options;
    let limited: AbortSignal | undefined;
    const work = async (limit: AbortSignal) => {
      limited = limit;
      const { features } = this;
      const options = { plugin, config, host, features, registry: this.#registry, folder, logger };
      const bench = new Bench({ ...options, caseId: item.id, signal: limit });
      this.#benches.set(item.id, bench);
      await item.run(bench);
      await assertClean(bench);
    };
    const settled = await settledInTime(work, {
      limitMs,
      graceMs,
      signal,
      ...(clock === undefined ? {} : { clock }),
    });
    if (settled === "hanging")
      return {
        outcome: "timeout",
        reason: `not done after ${limitMs / 1000} s, and it did not stop when it was told to`,
      };
    if (limited?.aborted === true && !signal.aborted)
      return { outcome: "timeout", reason: `not done after ${limitMs / 1000} s` };
    if (defects.found.length > 0)
      return { outcome: "crash", reason: `nobody handles the error: ${String(defects.found[0])}` };
    return "error" in settled ? verdictOf(settled.error) : { outcome: "pass" };
  }

  #has(ability: Ability): boolean {
    const { registry, trust, shellBase } = this.#options.host;
    if (ability === "shell-base") return shellBase !== undefined;
    if (ability === "registry-password") return registry.credential !== undefined;
    return trust.plainHttp.includes(registry.name);
  }
}

interface Verdict {
  readonly outcome: Outcome;
  readonly reason?: string;
}

function verdictOf(error: unknown): Verdict {
  const reason = (error instanceof Error ? error.message : String(error)).split(/[\r\n]/, 1)[0] ?? "";
  if (error instanceof NotApplicable) return { outcome: "skipped", reason };
  if (error instanceof CaseFailure) return { outcome: error.outcome, reason };
  return { outcome: "harness-error", reason: isBuildError(error) ? `${error.code}: ${reason}` : reason };
}

function outcome(
  item: ConformanceCase,
  ended: Outcome,
  durationMs: number,
  reason?: string,
  bench?: Bench,
): CaseOutcome {
  const log =
    ended === "pass" ? [] : (bench?.records ?? []).flatMap(({ log: { lines } }) => lines).slice(-50);
  return {
    id: item.id,
    outcome: ended,
    ...(reason === undefined ? {} : { reason }),
    durationMs: Math.round(durationMs),
    log,
  };
}

/** Errors that no code waits for, while a case runs: they would end the process of a user. */
class UnhandledErrors {
  readonly found: unknown[] = [];
  readonly #see = (error: unknown): void => {
    this.found.push(error);
  };

  constructor() {
    process.on("unhandledRejection", this.#see);
    process.on("uncaughtException", this.#see);
  }

  stop(): void {
    process.off("unhandledRejection", this.#see);
    process.off("uncaughtException", this.#see);
  }
}
