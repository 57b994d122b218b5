import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Feature } from "@slipway/core";
import { referenceBuilder } from "../reference/reference-builder.ts";
import { all, CALL_NONE, everyCaseBut, type Mutant, wrapped } from "./mutant.ts";

/** Plugins that are not what the contract says. */
export const pluginMutants: readonly Mutant[] = [
  {
    name: "declares-too-much",
    make: () => declaring("copy-exclude", "copy-parents", "run-mount-bind"),
    caughtBy: all("fail", "honesty/copy-exclude", "honesty/copy-parents", "honesty/run-mount-bind"),
  },
  {
    name: "declares-what-nobody-knows",
    make: () => declaring("magic" as Feature),
    caughtBy: all("fail", "contract/plugin-is-valid"),
  },
  {
    name: "takes-any-config",
    make: () => ({
      ...referenceBuilder(),
      parseConfig: (input) => ((input as { auths?: object }).auths === undefined ? {} : (input as object)),
    }),
    caughtBy: all("fail", "contract/bad-config-is-INVALID_CONFIG"),
  },
  {
    name: "throws-plain-config-errors",
    make: () => {
      const plugin = referenceBuilder();
      const parseConfig = (input: unknown) => {
        try {
          return plugin.parseConfig(input);
        } catch (error) {
          throw new Error((error as Error).message);
        }
      };
      return { ...plugin, parseConfig };
    },
    caughtBy: all("fail", "contract/bad-config-is-INVALID_CONFIG"),
  },
  {
    name: "connects-in-create",
    make: () => {
      const plugin = referenceBuilder();
      return {
        ...plugin,
        create: (config, host) => {
          for (const name of host.trust.plainHttp) void fetch(`http://${name}/v2/`).catch(() => {});
          return plugin.create(config, host);
        },
      };
    },
    caughtBy: all("fail", "contract/create-touches-nothing"),
  },
  {
    name: "warns-of-nothing",
    make: () =>
      wrapped(() => ({
        preflight: async () => [{ message: "the moon is full", remedy: "Wait for a fortnight" }],
      })),
    caughtBy: all("fail", "contract/preflight-is-ready"),
  },
  {
    name: "prunes-everybody",
    make: () =>
      wrapped((_, { workDir }) => ({
        prune: async () => {
          for (const name of await readdir(workDir))
            await rm(join(workDir, name), { recursive: true, force: true });
        },
      })),
    caughtBy: all("crash", "prune/spares-other-owners"),
  },
  {
    name: "prunes-only-what-is-there",
    make: () =>
      wrapped((_, { workDir }) => ({
        prune: async (owner) => {
          const left = (await readdir(workDir)).filter((name) => name.startsWith(owner));
          if (left.length === 0) throw new Error(`nothing is left of ${owner}`);
        },
      })),
    caughtBy: all("fail", "prune/twice-is-fine", "prune/spares-other-owners"),
  },
  {
    name: "invents-facts",
    make: () =>
      wrapped((builder) => ({
        build: async (request, session) => {
          const { digest, facts } = await builder.build(request, session);
          return { digest, ...(facts === undefined ? {} : { facts: { ...facts, user: "" } }) };
        },
      })),
    caughtBy: all("fail", "build/reports-true-facts"),
  },
  {
    name: "litters",
    make: () =>
      wrapped((builder, { workDir }) => ({
        build: async (request, session) => {
          try {
            return await builder.build(request, session);
          } finally {
            await mkdir(join(workDir, "cache"), { recursive: true });
          }
        },
      })),
    caughtBy: everyCaseBut("leftovers", CALL_NONE),
  },
];

function declaring(...features: readonly Feature[]) {
  const plugin = referenceBuilder();
  return { ...plugin, features: () => [...plugin.features({}), ...features] };
}
