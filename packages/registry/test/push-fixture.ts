import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { anonymous, type Keychain } from "../src/keychain.ts";
import { type CheckedLayout, checkLayout } from "../src/oci-layout.ts";
import { type PushOptions, type PushReport, pushLayout } from "../src/push-layout.ts";
import {
  MemoryRegistry,
  type MemoryRegistryOptions,
  TestClock,
  writeTestLayout,
} from "../src/testing/index.ts";

const LAYERS = [Buffer.alloc(5000, "a"), Buffer.alloc(100, "b"), Buffer.alloc(9000, "c")];

/** What the registries of these tests accept. */
export const BOB = { username: "user", password: "pass:word" };
export const bob: Keychain = { hosts: [], resolve: () => BOB };

let folder: string;
export let layout: CheckedLayout;
const registries: MemoryRegistry[] = [];

/** An image on disk before each test, and no registry left after it. */
export function usePushFixture(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-push-"));
    await writeTestLayout(folder, LAYERS);
    layout = await checkLayout(folder, { maxBytes: 1e6 });
  });
  afterEach(async () => {
    await Promise.all(registries.splice(0).map((registry) => registry.stop()));
    await rm(folder, { recursive: true, force: true });
  });
}

export async function start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const registry = await MemoryRegistry.start(options);
  registries.push(registry);
  return registry;
}

/** Small chunks, so that every request of the protocol occurs; one blob after the other, so that the order is fixed. */
export function options(extra: Partial<PushOptions> = {}): PushOptions {
  const client = { clock: new TestClock(), random: () => 0.5, idleTimeoutMs: 200 };
  const trust = { plainHttp: registries.map(({ host }) => host) };
  return { trust, keychain: anonymous, parallel: 1, chunkBytes: 4000, client, ...extra };
}

export function push(
  registry: MemoryRegistry,
  extra: Partial<PushOptions> = {},
  tag = "1",
): Promise<PushReport> {
  return pushLayout(layout, [`${registry.host}/team/app:${tag}`], options(extra));
}

export function assertPushed(registry: MemoryRegistry, name = "team/app"): void {
  const { blobs, manifests } = registry.store.repository(name);
  expect(registry.store.manifest(name, "1")?.digest).toBe(layout.digest);
  expect(manifests.size).toBe(1);
  expect([...blobs.keys()].sort()).toEqual(layout.blobs.map(({ digest }) => digest).sort());
}
