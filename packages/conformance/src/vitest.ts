import type { BuilderPlugin } from "@slipway/core";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import type { BuilderConfig } from "./kit/builder-config.ts";
import { CONFORMANCE_CASES } from "./kit/cases/all-cases.ts";
import type { ConformanceCase } from "./kit/conformance-case.ts";
import type { CreateHost, KitHost } from "./kit/kit-host.ts";
import { KitRun } from "./kit/kit-run.ts";
import { judgeCase, type KnownFailures, unknownEntries } from "./kit/known-failures.ts";
import { selectKitCases } from "./kit/select-kit-cases.ts";
import { kitSettings } from "./kit/settings.ts";
import { startHost } from "./kit/start-host.ts";

export interface ConformanceOptions<Config> {
  readonly plugin: BuilderPlugin<Config>;
  /** What `parseConfig` gets, or how to make it once registry and credential are known. */
  readonly config: BuilderConfig;
  /** Cases that it is known to fail: id to reason. Strict: one that passes fails the run. */
  readonly knownFailures?: KnownFailures;
  /** Where the builder works; a registry in memory, or the one that CONFORMANCE_REGISTRY names, when left out. */
  readonly host?: CreateHost;
  /** Only these cases; `*` stands for any characters. */
  readonly only?: readonly string[];
  /** Milliseconds for one case; 5 minutes when left out. */
  readonly limitMs?: number;
}

const GRACE_MS = 30_000;

/** Makes one test of every behaviour case. What a builder does not declare is skipped, and the note says which feature. */
export function describeConformance<Config>(options: ConformanceOptions<Config>): void {
  const { plugin, config, knownFailures = {}, only = [], limitMs = 300_000 } = options;
  const cases = selectKitCases(CONFORMANCE_CASES, only);
  const timeout = limitMs + 2 * GRACE_MS;
  describe(`conformance of ${plugin.id}`, () => {
    let host: KitHost | undefined;
    let run: KitRun;

    beforeAll(async () => {
      host = await startHost(options.host, kitSettings(), { builder: plugin.id, log: () => {} });
      // What core asks of every plugin: its configuration is its own.
      run = new KitRun({ plugin: plugin as BuilderPlugin, config, host, limitMs, graceMs: GRACE_MS });
    }, timeout);

    afterAll(async () => host?.close(), timeout);

    for (const item of cases)
      it(item.id, { timeout }, (context) => proveCase(item, context, run, knownFailures));

    it("nothing goes on when its case has ended", { timeout }, async () => {
      const [late] = await run.finish();
      if (late !== undefined) throw new Error(`${late.id}: ${late.reason ?? late.outcome}`);
    });

    it("every known failure is the name of a case", () => {
      const [wrong] = unknownEntries(
        knownFailures,
        CONFORMANCE_CASES.map(({ id }) => id),
      );
      if (wrong !== undefined) throw new Error(wrong);
    });
  });
}

async function proveCase(
  item: ConformanceCase,
  context: TestContext,
  run: KitRun,
  knownFailures: KnownFailures,
): Promise<void> {
  const { outcome, reason, complaint, log } = judgeCase(await run.run(item), knownFailures);
  if (complaint !== undefined) throw new Error([`${item.title}. ${complaint}`, ...log].join("\n"));
  if (outcome === "skipped") context.skip(reason);
}
