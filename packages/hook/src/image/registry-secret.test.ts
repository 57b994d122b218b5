import type { V1Secret } from "@kubernetes/client-node";
import { ApiServer, apiFor, silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRegistrySecret } from "./registry-secret.ts";

const registry = {
  push: "registry.svc:5000/team",
  pull: "localhost:31500/team",
  secretName: "slipway-registry",
};
const auths = {
  "registry.svc:5000": { username: "u", password: "pa55word" },
  "localhost:31500": { username: "u", password: "pa55word" },
};
const { signal } = new AbortController();

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start();
});
afterEach(() => server.stop());

function secretOf(config: unknown, type = "kubernetes.io/dockerconfigjson"): V1Secret {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return { type, data: { ".dockerconfigjson": Buffer.from(text).toString("base64") } };
}

async function read(secret: V1Secret | undefined, warnings: string[] = []) {
  const api = apiFor(server);
  if (secret !== undefined)
    await api.create("secrets", { metadata: { name: registry.secretName }, ...secret });
  return readRegistrySecret(
    api,
    registry,
    { ...silentLogger, warn: (text) => void warnings.push(text) },
    signal,
  );
}

describe("readRegistrySecret", () => {
  it("finds the credential and what to hide of it", async () => {
    const warnings: string[] = [];
    const access = await read(secretOf({ auths }), warnings);
    expect(access.keychain.resolve("registry.svc:5000")).toMatchObject({ username: "u" });
    expect(access.secrets).toContain("pa55word");
    expect(access.canLookUp).toBe(true);
    expect(warnings).toEqual([]);
  });

  it.each([
    ["is missing", undefined, 'does not exist in namespace "jobs"'],
    ["has another type", secretOf({ auths }, "Opaque"), "has type Opaque"],
    [
      "has another key",
      { type: "kubernetes.io/dockerconfigjson", data: { "config.json": "" } },
      "has no key .dockerconfigjson",
    ],
    ["is not JSON", secretOf("{pa55word"), "not JSON"],
    ["has no entry", secretOf({ auths: {} }), "cannot be used"],
    [
      "has entries for others",
      secretOf({ auths: { "ghcr.io": auths["localhost:31500"] } }),
      "it has entries for ghcr.io",
    ],
  ])("refuses a Secret that %s", async (_, secret, message) => {
    const attempt = read(secret);
    await expect(attempt).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(message),
    });
    await expect(attempt).rejects.not.toMatchObject({ message: expect.stringContaining("pa55word") });
  });

  it("warns when nodes have to pull without a password", async () => {
    const warnings: string[] = [];
    await read(secretOf({ auths: { "registry.svc:5000": auths["registry.svc:5000"] } }), warnings);
    expect(warnings).toEqual([expect.stringContaining("no entry for localhost:31500")]);
  });

  it("leaves it to the pushing pod where the Role may not read Secrets", async () => {
    const message =
      'secrets "slipway-registry" is forbidden: User "u" cannot get resource "secrets" in API group "" in the namespace "jobs"';
    server.fault(
      { verb: "get", resource: "secrets" },
      { kind: "status", status: 403, reason: "Forbidden", message },
    );
    expect(await read(undefined)).toMatchObject({ canLookUp: false, secrets: [] });
  });

  it("needs no Secret for a registry without passwords", async () => {
    const access = await readRegistrySecret(
      apiFor(server),
      { ...registry, secretName: undefined },
      silentLogger,
      signal,
    );
    expect(access).toMatchObject({ canLookUp: true, secrets: [] });
    expect(server.requests).toEqual([]);
  });
});
