import { randomUUID } from "node:crypto";
import type { BuilderHost } from "@slipway/core";
import { anonymous, checkLayout, pushLayout } from "@slipway/registry";
import { MemoryRegistry } from "@slipway/registry/testing";
import type { HostWish, KitHost, WatchedRequest } from "./kit-host.ts";

export interface MemoryHostOptions {
  /** The image with `/bin/sh`: a reference that the builder can pull, or the absolute path of an OCI layout, which is put into a registry. */
  readonly base?: string;
}

const LARGEST_BASE = 2 * 1024 ** 3;

/** Registries in this process, on free ports of the loopback interface: for builders that run on this machine. */
export async function startMemoryHost({ base }: MemoryHostOptions = {}): Promise<KitHost> {
  const credential = { username: "kit", password: randomUUID() };
  const listeners = new Set<(request: WatchedRequest) => void>();
  const [main, bases] = await Promise.all([
    MemoryRegistry.start({
      auth: { kind: "bearer", ...credential },
      faults: ({ method, path }) => {
        for (const listener of listeners) listener({ method, path });
        return undefined;
      },
    }),
    MemoryRegistry.start(),
  ]);
  const trust = { plainHttp: [main.host, bases.host] };
  return {
    registry: {
      name: main.host,
      credential,
      watch: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    trust,
    ...(base === undefined ? {} : { shellBase: await available(base, bases.host) }),
    builderHost: plainBuilderHost,
    close: async () => {
      await Promise.all([main.stop(), bases.stop()]);
    },
  };
}

/** What a builder gets that needs no cluster. */
export function plainBuilderHost({ logger, trust, workDir }: HostWish): BuilderHost {
  return { logger, trust, workDir };
}

async function available(base: string, host: string): Promise<string> {
  if (!base.startsWith("/")) return base;
  const reference = `${host}/conformance/base:1`;
  const layout = await checkLayout(base, { maxBytes: LARGEST_BASE });
  await pushLayout(layout, [reference], { trust: { plainHttp: [host] }, keychain: anonymous });
  return reference;
}
