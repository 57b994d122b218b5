import type { Facts } from "./facts.ts";
import { factsOf, finishReport } from "./finish-report.ts";
import type { Report, ReportCell } from "./report.ts";

/** Puts the reports of shards together and counts anew. They must be of the same corpus, program and builders, and no cell may be in two. */
export function mergeReports(reports: readonly [Report, ...Report[]]): Report {
  const [first, ...others] = reports.map(factsOf) as [Facts, ...Facts[]];
  for (const other of others) assertSameCorpus(first, other);
  const all = [first, ...others];
  const results = all.flatMap((facts) => facts.results);
  assertOnce(results);
  return finishReport({
    run: {
      ...first.run,
      parts: all.flatMap(({ run }) => run.parts),
      probe: all.some(({ run }) => run.probe),
    },
    builders: distinct(
      all.flatMap(({ builders }) => builders),
      ({ id }) => id,
      assertSameBuilder,
    ),
    cases: distinct(
      all.flatMap(({ cases }) => cases),
      ({ id }) => id,
    ),
    results,
    waivers: distinct(
      all.flatMap(({ waivers }) => waivers),
      (waiver) => JSON.stringify(waiver),
    ),
  });
}

function assertSameCorpus({ run: a }: Facts, { run: b }: Facts): void {
  const what = a.corpusDigest !== b.corpusDigest ? "corpus" : a.tool !== b.tool ? "program" : undefined;
  if (what === undefined) return;
  throw new Error(
    `The reports to merge are not of one ${what}: ${a.tool} with ${a.corpusDigest}, and ${b.tool} with ${b.corpusDigest}. Run every shard from the same commit`,
  );
}

function assertSameBuilder(a: Facts["builders"][number], b: Facts["builders"][number]): void {
  if (JSON.stringify(a) === JSON.stringify(b)) return;
  throw new Error(
    `The reports to merge know two different builders "${a.id}": ${a.version} (${a.image}) and ${b.version} (${b.image}), or their settings differ. Run every shard with the same ones, or give them different ids`,
  );
}

function assertOnce(results: readonly ReportCell[]): void {
  const seen = new Set<string>();
  for (const { case: id, builder } of results) {
    const key = `${id} with ${builder}`;
    if (seen.has(key)) {
      throw new Error(`Two of the reports to merge have a result of ${key}. Merge each shard once`);
    }
    seen.add(key);
  }
}

function distinct<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  assertSame?: (a: T, b: T) => void,
): T[] {
  const known = new Map<string, T>();
  for (const item of items) {
    const before = known.get(keyOf(item));
    if (before === undefined) known.set(keyOf(item), item);
    else assertSame?.(before, item);
  }
  return [...known.values()];
}
