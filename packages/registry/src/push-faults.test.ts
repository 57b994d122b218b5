import { describe, expect, test } from "vitest";
import { assertPushed, BOB, bob, layout, push, start, usePushFixture } from "../test/push-fixture.ts";
import { type Fault, makeTestCertificate } from "./testing/index.ts";

usePushFixture();

test("an upload that the registry forgets after every second chunk ends as REGISTRY_UNAVAILABLE", async () => {
  const registry = await start({ resumable: false });
  registry.faults = ({ headers }) =>
    headers["content-range"]?.toString().startsWith("0-") === false
      ? { kind: "reset", when: "before" }
      : undefined;
  await expect(push(registry)).rejects.toMatchObject({
    code: "REGISTRY_UNAVAILABLE",
    message: expect.stringContaining("in each of"),
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
    const auth = { kind: "bearer", ...BOB } as const;
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

test("a blob whose last answer was lost is not sent again", async () => {
  let lost = 0;
  const faults = ({ method, path }: { method: string; path: string }): Fault | undefined =>
    method === "PUT" && path.includes("/blobs/") && lost++ === 0
      ? { kind: "reset", when: "after" }
      : undefined;
  const registry = await start({ faults });
  await push(registry);
  assertPushed(registry);
  expect(registry.requests.filter(({ method }) => method === "POST")).toHaveLength(layout.blobs.length);
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

test("over HTTPS, with every fifth connection reset, a push ends with one digest", async () => {
  const ca = makeTestCertificate({ name: "an authority" });
  const registry = await start({
    tls: makeTestCertificate({ name: "localhost", issuer: ca }),
    faults: ({ index }) =>
      index % 5 === 3 ? { kind: "reset", when: index % 2 ? "before" : "after" } : undefined,
  });
  await push(registry, { trust: { plainHttp: [], ca: ca.cert } });
  assertPushed(registry);
});
