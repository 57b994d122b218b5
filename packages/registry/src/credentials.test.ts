import type { Digest } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClientBench, collect } from "./testing/client-bench.ts";
import { digestOf, type Fault, type MemoryRegistry } from "./testing/index.ts";

const BOB = { username: "bob", password: "hunter2hunter2" };
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

let bench: ClientBench;

beforeEach(() => {
  bench = new ClientBench();
});
afterEach(() => bench.stop());

describe("a bearer token", () => {
  const auth = { kind: "bearer", ...BOB, identityToken: "refresh-me" } as const;

  test("is fetched once for each scope", async () => {
    await bench.start({ auth });
    const one = bench.client(BOB);
    await one.headManifest("a/b", "1");
    await one.headManifest("a/b", "2");
    await one.headManifest("a/c", "1");
    expect(bench.registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(2);
  });

  test("is fetched once by requests at the same time, and so is the registry's challenge", async () => {
    await bench.start({ auth });
    const one = bench.client(BOB);
    await Promise.all(["1", "2", "3"].map((tag) => one.headManifest("a/b", tag)));
    const paths = bench.registry.requests.map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith("/token"))).toHaveLength(1);
    expect(paths.filter((path) => path === "/v2/")).toHaveLength(1);
  });

  test("that was revoked is fetched anew, once", async () => {
    await bench.start({ auth });
    const one = bench.client(BOB);
    await one.headManifest("a/b", "1");
    bench.registry.tokens.revoke();
    await one.headManifest("a/b", "1");
    expect(bench.registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(2);
  });

  test("is fetched anew when its time is over", async () => {
    await bench.start({ auth });
    const one = bench.client(BOB);
    await one.headManifest("a/b", "1");
    bench.clock.advance(280_000);
    await one.headManifest("a/b", "1");
    expect(bench.registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(2);
  });

  test("comes from an identity token too, and a registry token is sent as it is", async () => {
    await bench.start({ auth });
    expect(
      await bench
        .client({ username: "", password: "", identityToken: "refresh-me" })
        .headManifest("a/b", "1"),
    ).toBeUndefined();
    await expect(
      bench.client({ username: "", password: "", registryToken: "mine" }).headManifest("a/b", "1"),
    ).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    expect(bench.registry.requests.at(-1)?.headers["authorization"]).toBe("Bearer mine");
  });

  test.each([307, 308])("is not asked for with an identity token at another host (%i)", async (status) => {
    const thief = await bench.start();
    await bench.start({ auth });
    bench.registry.faults = toward(thief, "/token", status);
    const credential = { username: "", password: "", identityToken: "refresh-me" };
    await expect(bench.client(credential).headManifest("a/b", "1")).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
      message: expect.stringContaining("gets no credential"),
    });
    expect(thief.requests).toEqual([]);
  });

  test("may be anonymous, to pull only", async () => {
    await bench.start({ auth: { ...auth, anonymousPull: true } });
    expect(await bench.client().headManifest("a/b", "1")).toBeUndefined();
    await expect(bench.client().putManifest("a/b", "1", Buffer.from("{}"), MANIFEST)).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
    });
  });

  test.each([
    ["is not JSON", "<html>", "without a token"],
    ["has none", "{}", "without a token"],
    ["has a header in it", '{"token":"a\\r\\nx: y"}', "without a token"],
  ])("that the service's answer %s is REGISTRY_DENIED", async (_name, body, message) => {
    await bench.start({
      auth,
      faults: ({ path }) => (path.startsWith("/token") ? { kind: "status", status: 200, body } : undefined),
    });
    await expect(bench.client(BOB).headManifest("a/b", "1")).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
      message: expect.stringContaining(message),
    });
  });

  test("is never asked for over plain HTTP that nobody allowed", async () => {
    await bench.start({ auth: { ...auth, realm: "http://tokens.example/token" } });
    await expect(bench.client(BOB).headManifest("a/b", "1")).rejects.toMatchObject({
      code: "REGISTRY_UNTRUSTED",
    });
  });

  test("survives a burst of 503 at the token service", async () => {
    let left = 3;
    await bench.start({
      auth,
      faults: ({ path }) =>
        path.startsWith("/token") && left-- > 0 ? { kind: "status", status: 503 } : undefined,
    });
    expect(await bench.client(BOB).headManifest("a/b", "1")).toBeUndefined();
  });
});

describe("a redirect", () => {
  const auths = [["basic"], ["bearer"]] as const;

  test.each(auths)("of a blob to another host is followed without the credential (%s)", async (kind) => {
    const storage = await bench.start();
    const digest = storage.store.addBlob("a/b", Buffer.from("content"));
    await bench.start({ auth: { kind, ...BOB } });
    bench.registry.faults = toward(storage, "/blobs/", 307);
    expect(await collect(bench.client(BOB).readBlob("a/b", digest))).toBe("content");
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]?.headers["authorization"]).toBeUndefined();
  });

  test("to a host that asks for a password gets none", async () => {
    const thief = await bench.start({ auth: { kind: "basic", ...BOB } });
    await bench.start({ auth: { kind: "basic", ...BOB } });
    bench.registry.faults = toward(thief, "/manifests/", 302);
    await expect(bench.client(BOB).getManifest("a/b", "1")).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
    });
    await expect(
      bench.client(BOB).putManifest("a/b", "1", Buffer.from("{}"), MANIFEST),
    ).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
    });
    expect(thief.requests.map(({ headers }) => headers["authorization"])).toEqual([undefined]);
  });

  test("to a host that names a token service of its own sends it no password", async () => {
    const thief = await bench.start({ auth: { kind: "bearer", ...BOB } });
    await bench.start({ auth: { kind: "basic", ...BOB } });
    bench.registry.faults = toward(thief, "/manifests/", 302);
    await expect(bench.client(BOB).getManifest("a/b", "1")).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
    });
    expect(thief.requests.map(({ path }) => path)).toEqual(["/v2/a/b/manifests/1"]);
  });

  test("of an upload to another host carries the bytes, not the credential", async () => {
    const storage = await bench.start();
    await bench.start({ auth: { kind: "basic", ...BOB } });
    const bytes = Buffer.from("content");
    const session = storage.store.startUpload("a/b");
    bench.registry.faults = ({ method }) =>
      method === "POST"
        ? { kind: "headers", headers: { location: `${storage.origin}/v2/a/b/blobs/uploads/${session}` } }
        : undefined;
    const source = {
      digest: digestOf(bytes),
      size: bytes.length,
      open: async function* (a: number, b: number) {
        yield bytes.subarray(a, b);
      },
    };
    await bench.client(BOB).uploadBlob("a/b", source);
    expect(storage.store.repository("a/b").blobs.get(source.digest)).toEqual(bytes);
    expect(storage.requests.map(({ headers }) => headers["authorization"])).toEqual([undefined]);
  });

  test("to plain HTTP that nobody allowed is REGISTRY_UNTRUSTED", async () => {
    const fault: Fault = { kind: "redirect", status: 307, location: "http://elsewhere.example/x?token=abc" };
    await bench.start({ faults: ({ path }) => (path.includes("/manifests/") ? fault : undefined) });
    const error = await bench
      .client()
      .getManifest("a/b", "1")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "REGISTRY_UNTRUSTED" });
    expect((error as Error).message).not.toContain("token=abc");
  });

  test("in a circle ends", async () => {
    await bench.start();
    bench.registry.faults = ({ path }) => ({ kind: "redirect", status: 307, location: path });
    await expect(bench.client().ping()).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
      message: expect.stringContaining("redirects"),
    });
  });

  test("on the same host keeps the credential", async () => {
    await bench.start({ auth: { kind: "basic", ...BOB } });
    const digest: Digest = bench.registry.store.addBlob("real", Buffer.from("content"));
    bench.registry.faults = ({ path }) =>
      path.includes("/old/")
        ? { kind: "redirect", status: 308, location: `/v2/real/blobs/${digest}` }
        : undefined;
    expect(await collect(bench.client(BOB).readBlob("old", digest))).toBe("content");
  });
});

function toward(
  target: MemoryRegistry,
  part: string,
  status: number,
): (request: { path: string }) => Fault | undefined {
  return ({ path }) =>
    path.includes(part) ? { kind: "redirect", status, location: `${target.origin}${path}` } : undefined;
}
