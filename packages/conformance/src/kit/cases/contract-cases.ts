import { assertBuilderPlugin, assertFeatures, isBuildError } from "@slipway/core";
import { resolveDigest } from "@slipway/registry";
import type { Bench } from "../bench.ts";
import { CaseFailure, expectSame, expectThat, NotApplicable } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";

/** A field that no builder has. */
const STRANGER = "slipwayConformanceNoSuchField";

/** The plugin itself. */
export const contractCases: readonly ConformanceCase[] = [
  {
    id: "contract/plugin-is-valid",
    title:
      "the plugin has every field of the contract, one line of summary, and only known features, each once",
    requires: [],
    run: async ({ plugin, features }) => {
      told(() => assertBuilderPlugin(plugin, "the module"));
      told(() => assertFeatures(features, plugin.id));
      expectSame("features", features, [...new Set(features)]);
      const summary: unknown = plugin.summary;
      expectThat(
        typeof summary === "string" && /^\S[^\r\n]*$/.test(summary),
        "a summary of one line",
        summary,
      );
    },
  },
  {
    id: "contract/bad-config-is-INVALID_CONFIG",
    title: "parseConfig refuses a field that it does not know, by name, and what is no object",
    requires: [],
    run: async ({ plugin }) => {
      const { message } = refusal(() => plugin.parseConfig({ [STRANGER]: 1 }), "a field that is not known");
      expectThat(message.includes(STRANGER), `a message that names ${STRANGER}`, message);
      refusal(() => plugin.parseConfig(["not", "an", "object"]), "a list");
    },
  },
  {
    id: "contract/create-touches-nothing",
    title: "create makes a builder at once, without files and without a request to the registry",
    requires: [],
    // It counts requests, whosesoever.
    alone: true,
    run: async (bench) => {
      const own = bench.destination();
      const asked = await requestsDuring(bench, () => askOften(bench, own));
      const found = await requestsDuring(bench, async () => {
        const builder = await bench.builder();
        expectThat(
          typeof builder?.build === "function",
          "an object with build() from create",
          typeof builder,
        );
        // What the builder asks has arrived when connections that were made later have been answered.
        await askOften(bench, own);
      });
      expectSame("files in the work directory after create", await bench.litter(), []);
      expectSame("number of requests to the registry by create", found.length - asked.length, 0);
    },
  },
  {
    id: "contract/preflight-is-ready",
    title: "preflight finds no problem where builds succeed, and leaves nothing behind",
    requires: [],
    run: async (bench) => {
      const builder = await bench.builder();
      if (builder.preflight === undefined) throw new NotApplicable("the builder has no preflight()");
      expectSame("problems", await builder.preflight(bench.signal), []);
      expectSame("files in the work directory after preflight", await bench.litter(), []);
    },
  },
];

/** Three times, each with a connection of its own. */
async function askOften({ registry }: Bench, reference: string): Promise<void> {
  for (const _ of [1, 2, 3]) await resolveDigest(registry.fromHere(reference), registry.options);
}

/** What the registry is asked meanwhile; nothing where that cannot be seen. */
async function requestsDuring({ host }: Bench, work: () => Promise<unknown>): Promise<readonly string[]> {
  const requests: string[] = [];
  const stop = host.registry.watch?.(({ path }) => requests.push(path));
  try {
    await work();
    return requests;
  } finally {
    stop?.();
  }
}

/** A BuildError of core says what is wrong. */
function told(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new CaseFailure(error instanceof Error ? error.message : String(error), "fail", error);
  }
}

function refusal(parse: () => unknown, what: string): Error {
  let taken: unknown;
  try {
    taken = parse();
  } catch (error) {
    if (isBuildError(error) && error.code === "INVALID_CONFIG") return error;
    const found = isBuildError(error) ? error.code : String(error);
    throw new CaseFailure(`expected INVALID_CONFIG for ${what}, found ${found}`, "fail", error);
  }
  throw new CaseFailure(
    `expected INVALID_CONFIG for ${what}, found that it is taken: ${JSON.stringify(taken)}`,
  );
}
