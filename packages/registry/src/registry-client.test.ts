import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RegistryClient } from "./registry-client.ts";
import { ClientBench, collect } from "./testing/client-bench.ts";
import { digestOf } from "./testing/index.ts";

const BOB = { username: "bob", password: "hunter2hunter2" };
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

let bench: ClientBench;

beforeEach(() => {
  bench = new ClientBench();
});
afterEach(() => bench.stop());

describe("manifests, blobs and tags", () => {
  test("are pushed, read, listed and deleted", async () => {
    await bench.start();
    const bytes = Buffer.from('{"schemaVersion":2}');
    const digest = await bench.client().putManifest("a/b", "1", bytes, MANIFEST);
    expect(digest).toBe(digestOf(bytes));
    expect(await bench.client().headManifest("a/b", "1")).toBe(digest);
    expect(await bench.client().getManifest("a/b", digest)).toEqual({ digest, mediaType: MANIFEST, bytes });
    expect(await bench.client().listTags("a/b")).toEqual(["1"]);
    expect(await bench.client().deleteManifest("a/b", "1")).toBe(true);
    expect(await bench.client().deleteManifest("a/b", "1")).toBe(false);
    expect(await bench.client().headManifest("a/b", "1")).toBeUndefined();
    expect(await bench.client().listTags("no/such")).toEqual([]);
    const blob = bench.registry.store.addBlob("a/b", Buffer.from("blob"));
    expect(await bench.client().hasBlob("a/b", blob)).toBe(true);
    expect(await bench.client().deleteBlob("a/b", blob)).toBe(true);
    expect(await bench.client().hasBlob("a/b", blob)).toBe(false);
  });

  test("tags come page by page, and only from the registry itself", async () => {
    await bench.start();
    const tags = ["a", "b", "c", "d", "e"];
    for (const tag of tags) bench.registry.store.addManifest("a/b", tag, {}, MANIFEST);
    expect(await bench.client().listTags("a/b", 2)).toEqual(tags);
    bench.registry.faults = ({ path }) =>
      path.includes("tags/list")
        ? { kind: "headers", headers: { link: '<http://elsewhere.example/x>; rel="next"' } }
        : undefined;
    expect(await bench.client().listTags("a/b", 2)).toEqual(["a", "b"]);
  });

  test("an empty blob is pushed and read", async () => {
    await bench.start();
    const source = { digest: digestOf(Buffer.alloc(0)), size: 0, open: async function* () {} };
    expect(await bench.client().uploadBlob("a/b", source)).toBe("uploaded");
    expect(await collect(bench.client().readBlob("a/b", source.digest))).toBe("");
  });

  test("a blob that changes while it is sent never becomes complete", async () => {
    await bench.start();
    const source = {
      digest: digestOf(Buffer.from("right")),
      size: 5,
      open: async function* (begin: number, end: number) {
        yield Buffer.from("wrong").subarray(begin, end);
      },
    };
    await expect(bench.client().uploadBlob("a/b", source)).rejects.toMatchObject({
      code: "RESULT_UNVERIFIED",
    });
    expect(
      bench.registry.requests.filter(({ status, method }) => method === "PUT" && status === 201),
    ).toEqual([]);
  });

  test("an aborted signal ends a stalled request as CANCELLED", async () => {
    await bench.start();
    const abort = new AbortController();
    bench.registry.faults = () => {
      abort.abort();
      return { kind: "stall" };
    };
    await expect(bench.client(undefined, { signal: abort.signal }).ping()).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });
});

describe("a blob being read", () => {
  test.each([1, 3, 9])("goes on after a cut at every %s bytes", async (afterBytes) => {
    await bench.start();
    const digest = bench.registry.store.addBlob("a/b", Buffer.from("0123456789"));
    const reading = ({ method, path }: { method: string; path: string }) =>
      method === "GET" && path.includes("/blobs/");
    bench.registry.faults = (request) =>
      reading(request) ? { kind: "cut-response", afterBytes } : undefined;
    let reads = 0;
    bench.registry.faults = (request) =>
      reading(request) && reads++ < 3 ? { kind: "cut-response", afterBytes } : undefined;
    expect(await collect(bench.client().readBlob("a/b", digest))).toBe("0123456789");
  });

  test("that does not hash to its name is RESULT_UNVERIFIED", async () => {
    await bench.start();
    const digest = bench.registry.store.addBlob("a/b", Buffer.from("0123456789"));
    bench.registry.store.repository("a/b").blobs.set(digest, Buffer.from("012345678x"));
    await expect(collect(bench.client().readBlob("a/b", digest))).rejects.toMatchObject({
      code: "RESULT_UNVERIFIED",
    });
  });
});

describe("an answer that no repetition changes ends at once", () => {
  const body = JSON.stringify({
    errors: [{ code: "CODE", message: `no\u001b[31m\r\n::error::x ${"y".repeat(500)}` }],
  });
  test.each([
    [400, "REGISTRY_DENIED"],
    [401, "REGISTRY_DENIED"],
    [403, "REGISTRY_DENIED"],
    [404, "REGISTRY_DENIED"],
    [413, "REGISTRY_DENIED"],
    [415, "REGISTRY_DENIED"],
    [501, "REGISTRY_UNAVAILABLE"],
  ])("%s is %s", async (status, code) => {
    await bench.start({
      faults: ({ method }) => (method === "PUT" ? { kind: "status", status, body } : undefined),
    });
    const error = await bench
      .client(BOB)
      .putManifest("a/b", "1", Buffer.from("{}"), MANIFEST)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(`${bench.registry.host}/a/b: cannot push the manifest 1: `),
    });
    const { message, remedy = "" } = error as { message: string; remedy?: string };
    expect(message).toContain("CODE: no [31m ::error::x yyy");
    expect(message.length).toBeLessThan(600);
    expect(remedy).not.toBe("");
    expect(bench.registry.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
    expect(bench.clock.sleeps).toEqual([]);
  });

  test("and names the account, never the password", async () => {
    await bench.start({ auth: { kind: "basic", ...BOB, password: "other" } });
    const error = await bench
      .client(BOB)
      .getManifest("a/b", "1")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "REGISTRY_DENIED",
      message: expect.stringContaining('the account "bob"'),
    });
    expect(JSON.stringify(error) + (error as Error).stack).not.toContain(BOB.password);
    await expect(bench.client().getManifest("a/b", "1")).rejects.toMatchObject({
      message: expect.stringContaining("anonymous access"),
    });
  });
});

test.each([
  ["seconds", "7", 7000],
  ["a date", "Tue, 01 Jan 2030 00:00:09 GMT", 9000],
])("Retry-After in %s is waited for", async (_name, header, expected) => {
  await bench.start();
  let left = 1;
  bench.registry.faults = () =>
    left-- > 0 ? { kind: "status", status: 429, headers: { "retry-after": header } } : undefined;
  await bench.client().ping();
  expect(bench.clock.sleeps).toEqual([expected]);
});

test("413 in the middle of a body is REGISTRY_DENIED, and the rest is not sent", async () => {
  await bench.start();
  const session = bench.registry.store.startUpload("a/b");
  const proxy = createServer(
    (_request, response) => void response.writeHead(413).end("<h1>413 Too Large</h1>"),
  );
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const location = `http://localhost:${port}/v2/a/b/blobs/uploads/${session}`;
  bench.registry.faults = ({ method }) =>
    method === "POST" ? { kind: "headers", headers: { location } } : undefined;
  let read = 0;
  const source = {
    digest: digestOf(Buffer.alloc(0)),
    size: 1 << 30,
    open: async function* () {
      for (; read < 1 << 30; read += 1 << 20) yield Buffer.alloc(1 << 20);
    },
  };
  const trust = { plainHttp: [bench.registry.host, `localhost:${port}`] };
  const one = new RegistryClient({ host: bench.registry.host, trust, clock: bench.clock });
  await expect(one.uploadBlob("a/b", source, { chunkBytes: 1 << 30 })).rejects.toMatchObject({
    code: "REGISTRY_DENIED",
    message: expect.stringContaining("status 413 (413 Too Large)"),
  });
  expect(read).toBeLessThan(1 << 29);
  proxy.close();
});
