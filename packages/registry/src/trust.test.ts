import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { assertAllowed } from "./redirects.ts";
import { RegistryClient } from "./registry-client.ts";
import { MemoryRegistry, makeTestCertificate, TestClock } from "./testing/index.ts";

const ca = makeTestCertificate({ name: "an authority" });
const good = makeTestCertificate({ name: "localhost", issuer: ca });
const year = (n: number) => new Date(Date.UTC(n, 0, 1));

const registries: MemoryRegistry[] = [];
afterEach(() => Promise.all(registries.splice(0).map((registry) => registry.stop())));

async function start(tls?: { key: string; cert: string }): Promise<MemoryRegistry> {
  const registry = await MemoryRegistry.start(tls === undefined ? {} : { tls });
  registries.push(registry);
  return registry;
}

function ping(host: string, trust: { plainHttp?: string[]; ca?: string }): Promise<void> {
  const client = new RegistryClient({ host, trust: { plainHttp: [], ...trust }, clock: new TestClock() });
  return client.ping().finally(() => client.close());
}

describe("plain HTTP", () => {
  test.each([
    ["http://r:80/v2/", "r:80"],
    ["http://r/v2/", "r"],
    ["http://R:5000/v2/", "r:5000"],
  ])("to %s is allowed by %s", (url, plain) => {
    expect(() => assertAllowed(new URL(url), { plainHttp: [plain] })).not.toThrow();
  });

  test.each([
    ["http://r:8080/v2/", "r:80"],
    ["http://r.evil/v2/", "r"],
    ["ftp://r/v2/", "r"],
  ])("to %s is not allowed by %s", (url, plain) => {
    expect(() => assertAllowed(new URL(url), { plainHttp: [plain] })).toThrow("not HTTPS");
  });
});

describe("HTTPS", () => {
  test("is accepted with the authority that the operator named, among others", async () => {
    const other = makeTestCertificate({ name: "another authority" });
    const registry = await start(good);
    await ping(registry.host, { ca: `# two\n${other.cert}\n${ca.cert}` });
  });

  test.each([
    [
      "signed by nobody we know",
      good,
      undefined,
      "authority that is not trusted",
      "SLIPWAY_REGISTRY_CA_FILE",
    ],
    [
      "signed by itself",
      makeTestCertificate({ name: "localhost" }),
      undefined,
      "not trusted",
      "SLIPWAY_REGISTRY_CA_FILE",
    ],
    [
      "expired",
      makeTestCertificate({ name: "localhost", issuer: ca, notAfter: year(2020), notBefore: year(2019) }),
      ca.cert,
      "has expired",
      "Renew",
    ],
    [
      "not yet valid",
      makeTestCertificate({ name: "localhost", issuer: ca, notBefore: year(2090), notAfter: year(2091) }),
      ca.cert,
      "not yet valid",
      "clocks",
    ],
    [
      "for another host",
      makeTestCertificate({ name: "elsewhere", issuer: ca }),
      ca.cert,
      "another host name",
      "name",
    ],
  ])("with a certificate %s is REGISTRY_UNTRUSTED, at once", async (_name, tls, trusted, message, remedy) => {
    const registry = await start(tls);
    await expect(ping(registry.host, trusted === undefined ? {} : { ca: trusted })).rejects.toMatchObject({
      code: "REGISTRY_UNTRUSTED",
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
    expect(registry.requests).toEqual([]);
  });

  test("with a CA that is not PEM is INVALID_CONFIG", async () => {
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    for (const text of ["", "hello", broken])
      expect(() => ping("a.example", { ca: text })).toThrow(/not a list of PEM/);
  });
});

describe("plain HTTP", () => {
  test("is never tried unless the operator said so", async () => {
    const registry = await start();
    await expect(
      ping(registry.host, { plainHttp: ["localhost", `localhost:${registry.port + 1}`] }),
    ).rejects.toMatchObject({
      code: "REGISTRY_UNTRUSTED",
      remedy: `If that is meant, add ${registry.host} to SLIPWAY_PLAIN_HTTP_REGISTRIES`,
    });
    expect(registry.requests).toEqual([]);
    await ping(registry.host, { plainHttp: [registry.host] });
  });
});

describe("no connection", () => {
  test("a port where nothing listens is REGISTRY_UNAVAILABLE", async () => {
    const registry = await start();
    await registry.stop();
    await expect(ping(registry.host, { plainHttp: [registry.host] })).rejects.toMatchObject({
      code: "REGISTRY_UNAVAILABLE",
      message: expect.stringContaining("nothing listens there"),
      details: { connected: false },
    });
  });

  test("a name that does not resolve is REGISTRY_UNAVAILABLE", async () => {
    await expect(ping("registry.invalid:5000", {})).rejects.toMatchObject({
      code: "REGISTRY_UNAVAILABLE",
      message: expect.stringContaining("registry.invalid:5000 does not resolve"),
      details: { connected: false },
    });
  });

  test("a server that speaks something else is an error, not a crash", async () => {
    const server = createServer((socket) => void socket.end("220 mail.example ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const host = `localhost:${port}`;
    await expect(ping(host, { plainHttp: [host] })).rejects.toMatchObject({ code: "REGISTRY_UNAVAILABLE" });
    await expect(ping(host, {})).rejects.toMatchObject({ code: "REGISTRY_UNTRUSTED" });
    server.close();
  });
});
