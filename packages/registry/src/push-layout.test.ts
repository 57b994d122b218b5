import { describe, expect, test } from "vitest";
import {
  assertPushed,
  BOB,
  bob,
  layout,
  options,
  push,
  start,
  usePushFixture,
} from "../test/push-fixture.ts";
import { pushLayout } from "./push-layout.ts";

usePushFixture();

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
      const registry = await start({ auth: { kind, ...BOB } });
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
