import type { ImageBuilder } from "@slipway/core";
import type { Bench } from "../bench.ts";
import { CaseFailure, expectSame, NotApplicable } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { imageOf } from "../image-of.ts";

const SMALL = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" };

/** Cleaning up. */
export const pruneCases: readonly ConformanceCase[] = [
  {
    id: "prune/twice-is-fine",
    title: "prune resolves where there is nothing to delete, and once more, and builds go on after it",
    requires: [],
    run: async (bench) => {
      const { builder, prune } = await pruner(bench);
      for (const times of ["once", "twice"]) await pruned(prune(bench.owner), times);
      const built = await bench.build({ builder, files: SMALL });
      await pruned(prune(bench.owner), "after a build");
      expectSame("text of /a", (await imageOf(bench, built)).text("/a"), "1");
    },
  },
  {
    id: "prune/spares-other-owners",
    title: "prune for one owner leaves the running build of another alone",
    requires: [],
    run: async (bench) => {
      const { builder, prune } = await pruner(bench);
      const calls: Promise<void>[] = [];
      const built = await bench.build({
        builder,
        files: SMALL,
        onEvent: () => {
          const call = pruned(prune(`${bench.owner}-other`), "during a build");
          // Looked at below, when the build has ended.
          call.catch(() => {});
          calls.push(call);
        },
      });
      await Promise.all(calls);
      if (calls.length === 0) throw new NotApplicable("the builder emits no event for a build without steps");
      expectSame("text of /a", (await imageOf(bench, built)).text("/a"), "1");
    },
  },
];

async function pruner(
  bench: Bench,
): Promise<{ builder: ImageBuilder; prune: (owner: string) => Promise<void> }> {
  const builder = await bench.builder();
  if (builder.prune === undefined) throw new NotApplicable("the builder has no prune()");
  return { builder, prune: async (owner) => builder.prune?.(owner, bench.signal) };
}

async function pruned(call: Promise<void>, when: string): Promise<void> {
  await call.catch((error: unknown) => {
    throw new CaseFailure(`expected that prune resolves ${when}, found ${String(error)}`, "fail", error);
  });
}
