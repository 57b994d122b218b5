import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PackageCache } from "./package-cache.ts";
import { packageRelay } from "./package-relay.ts";

const PATH = "/debian/pool/main/h/hello/hello_2.10_amd64.deb";

let server: Server;
const errors: unknown[] = [];

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-packages-"));
  await writeFile(join(folder, encodeURIComponent(`http://deb.debian.org${PATH}`)), "a package");
  server = packageRelay(new PackageCache(folder), (error) => errors.push(error)).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  server.close();
  expect(errors).toEqual([]);
});

async function ask(method: string, path: string, host: string): Promise<[number | undefined, string]> {
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, method, path, headers: { host }, agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return [response.statusCode, await text(response)];
}

describe("packageRelay", () => {
  it("serves what it has", async () => {
    expect(await ask("GET", PATH, "deb.debian.org")).toEqual([200, "a package"]);
    expect(await ask("HEAD", PATH, "deb.debian.org")).toEqual([200, ""]);
  });

  it.each([
    ["another host", "GET", PATH, "example.com"],
    ["what is no archive", "GET", "/other", "deb.debian.org"],
    ["anything but reading", "PUT", PATH, "deb.debian.org"],
  ])("refuses %s", async (_, method, path, host) => {
    expect(await ask(method, path, host)).toEqual([403, ""]);
  });
});
