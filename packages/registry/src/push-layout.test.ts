import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anonymous, type Keychain } from "./keychain.ts";
import { type CheckedLayout, checkLayout } from "./oci-layout.ts";
import { type PushOptions, pushLayout } from "./push-layout.ts";
import {
  type Fault,
  MemoryRegistry,
  type MemoryRegistryOptions,
  TestClock,
  writeTestLayout,
} from "./testing/index.ts";

const LAYERS = [Buffer.alloc(5000, "a"), Buffer.alloc(100, "b"), Buffer.alloc(9000, "c")];
const SECRET = { username: "user", password: "pass:word" };
const bob: Keychain = { hosts: [], resolve: () => SECRET };

let folder: string;
let layout: CheckedLayout;
const registries: MemoryRegistry[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-push-"));
  await writeTestLayout(folder, LAYERS);
  layout = await checkLayout(folder, { maxBytes: 1e6 });
});

afterEach(async () => {
  await Promise.all(registries.splice(0).map((registry) => registry.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const registry = await MemoryRegistry.start(options);
  registries.push(registry);
  return registry;
}

/** Small chunks, so that every request of the protocol occurs; one blob after the other, so that the order is fixed. */
function options(extra: Partial<PushOptions> = {}): PushOptions {
  const client = { clock: new TestClock(), random: () => 0.5, idleTimeoutMs: 200 };
  const trust = { plainHttp: registries.map(({ host }) => host) };
  return { trust, keychain: anonymous, parallel: 1, chunkBytes: 4000, client, ...extra };
}

function push(registry: MemoryRegistry, extra: Partial<PushOptions> = {}, tag = "1") {
  return pushLayout(layout, [`${registry.host}/team/app:${tag}`], options(extra));
}

function assertPushed(registry: MemoryRegistry, name = "team/app"): void {
  expect(registry.store.manifest(name, "1")?.digest).toBe(layout.digest);
  expect(registry.store.repository(name).manifests.size).toBe(1);
  expect([...registry.store.repository(name).blobs.keys()].sort()).toEqual(
    layout.blobs.map(({ digest }) => digest).sort(),
  );
}

describe("a push", () => {
  test("stores every blob and the manifest, and reports what the registry gave back", async () => {
    const registry = await start();
    const seen: number[] = [];
    const report = await push(registry, { parallel: 3, onProgress: ({ doneBytes }) => seen.push(doneBytes) });
    expect(report).toEqual({
      digest: layout.digest,
      mediaType: layout.mediaType,
      sizeBytes: layout.sizeBytes,
      facts: layout.facts,
    });
    assertPushed(registry);
    expect(seen.at(-1)).toBe(layout.blobs.reduce((sum, { size }) => sum + size, 0));
  });

  test.each(["basic", "bearer"] as const)(
    "authenticates by %s and sends no upload twice for it",
    async (kind) => {
      const registry = await start({ auth: { kind, ...SECRET } });
      await push(registry, { keychain: bob });
      assertPushed(registry);
      expect(registry.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    },
  );

  test("mounts from an earlier destination and sends nothing that is there", async () => {
    const registry = await start();
    const names = ["team/app:1", "team/app:2", "team/copy:1"].map((name) => `${registry.host}/${name}`);
    await pushLayout(layout, names, options());
    assertPushed(registry, "team/copy");
    expect(registry.store.manifest("team/app", "2")?.digest).toBe(layout.digest);
    expect(registry.requests.filter(({ path }) => path.includes("mount="))).toHaveLength(layout.blobs.length);
    const before = registry.requests.length;
    await push(registry);
    const again = registry.requests.slice(before).map(({ method }) => method);
    expect(again.filter((method) => method === "POST" || method === "PATCH")).toEqual([]);
  });

  test("goes to two registries with the same digest", async () => {
    const [one, two] = [await start(), await start()];
    await pushLayout(
      layout,
      [one, two].map(({ host }) => `${host}/team/app:1`),
      options(),
    );
    assertPushed(one);
    assertPushed(two);
  });

  test("continues an upload that was cut, and does not send again what was kept", async () => {
    const registry = await start();
    let cut = false;
    registry.faults = ({ method, headers }) => {
      if (cut || method !== "PATCH" || headers["content-range"] !== "4000-7999") return undefined;
      cut = true;
      return { kind: "cut-request", afterBytes: 1500 };
    };
    await push(registry);
    assertPushed(registry);
    const ranges = registry.requests.map(({ headers }) => headers["content-range"]);
    expect(ranges).toContain("5500-8999");
    expect(ranges.filter((range) => range === "0-3999")).toHaveLength(2);
  });

  test("begins anew where the registry has forgotten the upload", async () => {
    const registry = await start({ resumable: false });
    let cut = false;
    registry.faults = ({ headers }) => {
      if (cut || headers["content-range"] !== "4000-7999") return undefined;
      cut = true;
      return { kind: "reset", when: "after" };
    };
    await push(registry);
    assertPushed(registry);
  });
});

describe("with a fault at each request in turn, a push still ends with one digest", () => {
  const faults: [string, Fault][] = [
    ["reset before", { kind: "reset", when: "before" }],
    ["reset after", { kind: "reset", when: "after" }],
    ["cut request", { kind: "cut-request", afterBytes: 1 }],
    ["429", { kind: "status", status: 429, headers: { "retry-after": "3" } }],
    ["500", { kind: "status", status: 500 }],
    ["503", { kind: "status", status: 503 }],
  ];

  test.each(faults)("%s", async (_name, fault) => {
    const auth = { kind: "bearer", ...SECRET } as const;
    const plain = await start({ auth });
    await push(plain, { keychain: bob });
    const total = plain.requests.length;
    expect(total).toBeGreaterThan(20);
    for (let index = 0; index < total; index++) {
      const registry = await start({
        auth,
        faults: (request) => (request.index === index ? fault : undefined),
      });
      await push(registry, { keychain: bob });
      assertPushed(registry);
      await registry.stop();
    }
  });

  test("a stall", async () => {
    const plain = await start();
    await push(plain);
    for (const index of [0, 1, 2, 5, plain.requests.length - 2, plain.requests.length - 1]) {
      const registry = await start({
        faults: (request) => (request.index === index ? { kind: "stall" } : undefined),
      });
      await push(registry);
      assertPushed(registry);
    }
  });

  test("a cut answer to the read-back", async () => {
    let cuts = 0;
    const registry = await start({
      faults: ({ method, path }) =>
        method === "GET" && path.includes("/manifests/") && cuts++ < 2
          ? { kind: "cut-response", afterBytes: 7 }
          : undefined,
    });
    await push(registry);
    expect(cuts).toBe(3);
  });
});

describe("a burst", () => {
  test.each(["GET", "HEAD", "POST", "PATCH", "PUT"])("of 429 and 503 on %s passes", async (verb) => {
    let left = 4;
    const faults = ({ method }: { method: string }): Fault | undefined =>
      method === verb && left-- > 0 ? { kind: "status", status: left % 2 ? 429 : 503 } : undefined;
    const registry = await start({ faults });
    await push(registry);
    assertPushed(registry);
  });

  test("that does not end is REGISTRY_UNAVAILABLE", async () => {
    const registry = await start({
      faults: ({ method }) => (method === "PATCH" ? { kind: "status", status: 503 } : undefined),
    });
    await expect(push(registry)).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE", retryable: true });
    expect(registry.store.manifest("team/app", "1")).toBeUndefined();
  });
});

describe("a tag", () => {
  test("whose PUT was answered by nothing at all, for ever, but was done, is a success", async () => {
    const registry = await start({
      faults: ({ method, path }) =>
        method === "PUT" && path.includes("/manifests/") ? { kind: "reset", when: "after" } : undefined,
    });
    await push(registry);
    assertPushed(registry);
  });

  test("that is immutable and ours already is a success, another's is a failure", async () => {
    const registry = await start({ immutableTags: true });
    await push(registry);
    await push(registry);
    const foreign = registry.store.addManifest("team/app", "2", { other: true }, layout.mediaType);
    await expect(push(registry, {}, "2")).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
      message: expect.stringContaining(`immutable and names another image, ${foreign}`),
    });
  });

  test("that names another image afterwards is RESULT_UNVERIFIED", async () => {
    const registry = await start();
    registry.faults = ({ method, path }) => {
      if (method === "GET" && path.endsWith("/manifests/1"))
        registry.store.addManifest("team/app", "1", { other: true }, layout.mediaType);
      return undefined;
    };
    await expect(push(registry)).rejects.toMatchObject({ code: "RESULT_UNVERIFIED" });
  });

  test("with another digest in the answer's header is RESULT_UNVERIFIED", async () => {
    const headers = { "docker-content-digest": `sha256:${"0".repeat(64)}` };
    const registry = await start({
      faults: ({ path }) => (path.includes("/manifests/") ? { kind: "headers", headers } : undefined),
    });
    await expect(push(registry)).rejects.toMatchObject({ code: "RESULT_UNVERIFIED" });
  });
});
