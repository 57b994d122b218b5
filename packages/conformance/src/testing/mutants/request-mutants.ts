import { dirname, join } from "node:path";
import type { BuilderHost, BuildRequest, ImageBuilder } from "@slipway/core";
import { all, type Mutant, wrapped } from "./mutant.ts";

/** Builders that do not do all that is asked of them, or for somebody else. */
export const requestMutants: readonly Mutant[] = [
  {
    name: "ignores-build-args",
    make: () => asks(({ buildArgs: _, ...request }) => request),
    caughtBy: all(
      "fail",
      "build/honours-build-args",
      "build/keeps-odd-build-args",
      "output/blanks-secrets",
      "isolation/concurrent-build-args-do-not-mix",
    ),
  },
  {
    name: "splits-build-args",
    make: () =>
      asks(({ buildArgs = {}, ...request }) => {
        const first = Object.entries(buildArgs).map(([name, value]) => [name, value.split(" ", 1)[0] ?? ""]);
        return { ...request, buildArgs: Object.fromEntries(first) };
      }),
    caughtBy: all("fail", "build/keeps-odd-build-args"),
  },
  {
    name: "ignores-labels",
    make: () => asks(({ labels: _, ...request }) => request),
    caughtBy: all("fail", "build/honours-labels"),
  },
  {
    name: "ignores-target",
    make: () => asks(({ target: _, ...request }) => request),
    caughtBy: all("fail", "build/stops-at-target-stage"),
  },
  {
    name: "ignores-platform",
    make: () => asks(({ platform: _, ...request }) => request),
    caughtBy: all("fail", "build/honours-platform"),
  },
  {
    name: "one-destination",
    make: () => asks((request) => ({ ...request, destinations: [request.destinations[0]] })),
    caughtBy: all("foreign-digest", "build/pushes-every-destination"),
  },
  {
    name: "builds-beside-the-dockerfile",
    make: () =>
      asks((request) => {
        const path = join(request.context.path, dirname(request.dockerfile));
        const dockerfile = request.dockerfile.split("/").at(-1) ?? "";
        return { ...request, context: { kind: "directory", path }, dockerfile };
      }),
    caughtBy: all("fail", "build/finds-dockerfile-in-subfolder"),
  },
  {
    name: "shares-build-args",
    make: () => sharing((first, { buildArgs: _, ...own }) => ({ ...own, buildArgs: first.buildArgs ?? {} })),
    caughtBy: all("fail", "isolation/concurrent-build-args-do-not-mix"),
  },
  {
    name: "mixes-contexts",
    make: () => sharing(({ context }, own) => ({ ...own, context })),
    caughtBy: all("fail", "isolation/concurrent-builds-do-not-mix"),
  },
  {
    name: "works-once",
    make: () =>
      wrapped((builder) => {
        let used = false;
        return {
          build: async (request, session) => {
            if (used) throw new Error("busy");
            used = true;
            return builder.build(request, session);
          },
        };
      }),
    caughtBy: all(
      "crash",
      "build/builder-is-reusable",
      "isolation/concurrent-builds-do-not-mix",
      "isolation/concurrent-build-args-do-not-mix",
    ),
  },
  {
    name: "allows-plain-http",
    make: () => hosted((host) => ({ ...host, trust: { ...host.trust, plainHttp: everyHost } })),
    caughtBy: all("fail", "auth/plain-http-needs-permission"),
  },
];

/** A list that has every host. */
const everyHost = Object.assign([] as string[], { some: () => true });

/** The reference builder, asked for something else. */
function asks(change: (request: BuildRequest) => BuildRequest) {
  return wrapped((builder) => ({ build: (request, session) => builder.build(change(request), session) }));
}

/** Builds that run while another one does have something of the first. */
function sharing(mix: (first: BuildRequest, own: BuildRequest) => BuildRequest) {
  return wrapped((builder) => {
    const running = new Set<BuildRequest>();
    return {
      build: async (request, session) => {
        running.add(request);
        const [first = request] = running;
        try {
          return await builder.build(mix(first, request), session);
        } finally {
          running.delete(request);
        }
      },
    };
  });
}

/** The reference builder in another place. */
function hosted(change: (host: BuilderHost) => BuilderHost) {
  const plugin = wrapped((builder: ImageBuilder) => builder);
  return { ...plugin, create: (config: never, host: BuilderHost) => plugin.create(config, change(host)) };
}
