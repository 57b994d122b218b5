import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildError, type Feature, type ImageBuilder } from "@slipway/core";
import { openRegistryImage } from "@slipway/registry/image";
import type { CorpusCase } from "../corpus/corpus-case.ts";
import { needsRoot } from "../corpus/materialise-context.ts";
import { profileOf } from "../corpus/select-cases.ts";
import { caseDestination } from "../run/case-destination.ts";
import type { BuilderUnderTest, CaseHost } from "../run/case-host.ts";
import type { CaseResult, Status } from "../run/case-result.ts";
import { imageInspector } from "../run/image-inspector.ts";
import { runCase } from "../run/run-case.ts";
import { configFor } from "./builder-config.ts";
import type { KitOptions, KitRun } from "./kit-run.ts";
import type { CaseOutcome, Outcome } from "./outcome.ts";
import { RegistryView } from "./registry-view.ts";
import { silentLogger } from "./silent-logger.ts";
import type { UnhandledErrors } from "./unhandled-errors.ts";
import { crashOf } from "./verdict.ts";

/** Of the corpus: what needs no feature, or everything that the builder declares. */
export type CorpusProfile = "core" | "extended";

/** The name of a case of the corpus among those of the kit. */
export function corpusId({ group, id }: CorpusCase): string {
  return `corpus/${group}/${id}`;
}

/** Builds cases of the corpus with the builder under test, at its place. */
export class CorpusRun {
  readonly #options: KitOptions;
  readonly #features: readonly Feature[];
  readonly #target: BuilderUnderTest;
  readonly #host: CaseHost;
  readonly #registry: RegistryView;
  readonly #defects: UnhandledErrors;

  /** Errors that come when their case has ended are told by whoever has made `defects`. */
  constructor(options: KitOptions, { features, defects }: Pick<KitRun, "features" | "defects">) {
    this.#options = options;
    this.#features = features;
    this.#defects = defects;
    this.#registry = new RegistryView(options.host);
    this.#target = targetOf(options, features);
    this.#host = caseHostOf(options, this.#registry);
  }

  /** Why a case is not run; undefined when it is. */
  skipReason(item: CorpusCase): string | undefined {
    const feature = item.features.find((name) => !this.#features.includes(name));
    if (feature !== undefined) return `the builder does not declare ${feature}`;
    if (item.base !== "scratch" && this.#options.host.corpus === undefined)
      return "it needs a host with the base images of the corpus";
    if (needsRoot(item) && process.getuid?.() !== 0) return "only root can set the owners of its context";
    return undefined;
  }

  /** Builds a case and says how it ended; never rejects. */
  async run(item: CorpusCase): Promise<CaseOutcome> {
    const id = corpusId(item);
    const reason = this.skipReason(item);
    if (reason !== undefined) return { id, outcome: "skipped", reason, durationMs: 0, log: [] };
    const { signal = new AbortController().signal, limitMs, graceMs } = this.#options;
    const timing = {
      ...(limitMs === undefined ? {} : { limitMs }),
      ...(graceMs === undefined ? {} : { graceMs }),
    };
    const build = () => runCase(item, this.#target, this.#host, { signal, ...timing });
    try {
      const result = await this.#defects.during(id, build);
      const defect = this.#defects.take(id);
      const { durationMs, log } = result;
      return defect === undefined ? outcomeOf(id, result) : { id, durationMs, log, ...crashOf(defect) };
    } catch (error) {
      return { id, outcome: "harness-error", reason: String(error), durationMs: 0, log: [] };
    }
  }

  close(): void {
    this.#registry.close();
  }
}

/** The cases of a profile. */
export function casesOfProfile(corpus: readonly CorpusCase[], profile: CorpusProfile): readonly CorpusCase[] {
  return profile === "extended" ? corpus : corpus.filter((item) => profileOf(item) === "core");
}

function targetOf(options: KitOptions, features: readonly Feature[]): BuilderUnderTest {
  const { plugin, host } = options;
  const { leftovers } = host;
  return {
    id: plugin.id,
    features,
    create: (owner) => ({
      build: (request, session) => inWorkDir(options, owner, (builder) => builder.build(request, session)),
    }),
    ...(leftovers === undefined ? {} : { leftovers: (owner) => leftovers.call(host, owner) }),
  };
}

/** A builder with a work directory of its own, which must be empty when it has built. */
async function inWorkDir<T>(
  { plugin, config, host, logger = silentLogger }: KitOptions,
  owner: string,
  work: (builder: ImageBuilder) => Promise<T>,
): Promise<T> {
  const workDir = await mkdtemp(join(tmpdir(), "slipway-kit-work-"));
  try {
    const place = { trust: host.trust, owner, workDir, logger };
    const wish = { access: "right", privateBase: false, ...place } as const;
    const parsed = plugin.parseConfig(configFor(config, host, wish));
    const result = await work(plugin.create(parsed, await host.builderHost(wish)));
    const [litter] = await readdir(workDir);
    if (litter === undefined) return result;
    throw new BuildError("INTERNAL", `The builder leaves ${litter} in its work directory`, {
      remedy: "Delete it when build() settles",
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function caseHostOf({ host }: KitOptions, registry: RegistryView): CaseHost {
  const { corpus } = host;
  const inspector = imageInspector({
    open: (reference) =>
      registry.isMine(reference) || corpus === undefined
        ? openRegistryImage(registry.fromHere(reference), registry.options)
        : corpus.openBase(reference),
  });
  return {
    registry: {
      destination: (item, builder) => caseDestination(host.registry.name, item, builder),
      resolveDigest: (reference, signal) => registry.digest(reference, signal),
      tags: (destination) =>
        registry.withClient(destination, (client, repository) => client.listTags(repository)),
      inspect: (image, item) => inspector.findings(image, item),
    },
    ...(corpus?.runImage === undefined ? {} : { runImage: corpus.runImage }),
    values: corpus?.files === undefined ? {} : { files: corpus.files },
    secrets: host.registry.credential === undefined ? [] : [host.registry.credential.password],
  };
}

/** What the statuses of the report are among the outcomes of the kit; every other one is a failure. */
const OUTCOME_OF: Partial<Record<Status, Outcome>> = {
  pass: "pass",
  "pass-with-warning": "pass",
  unsupported: "skipped",
  skipped: "skipped",
  crash: "crash",
  timeout: "timeout",
  leftovers: "leftovers",
  "foreign-digest": "foreign-digest",
  "harness-error": "harness-error",
};

function outcomeOf(
  id: string,
  { status, differences, error, reason, durationMs, log }: CaseResult,
): CaseOutcome {
  const [first] = differences;
  const told =
    reason ??
    (first === undefined ? error?.message : `${first.id}: expected ${first.expected}, found ${first.actual}`);
  const outcome = OUTCOME_OF[status] ?? "fail";
  if (outcome === "pass") return { id, outcome, durationMs, log: [] };
  // The report's word, where the kit has none of its own.
  const words = [...(status === outcome ? [] : [status]), ...(told === undefined ? [] : [told])];
  return { id, outcome, reason: words.join(": "), durationMs, log };
}
