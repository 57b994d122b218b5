import { readFileSync } from "node:fs";
import type { V1Pod } from "@kubernetes/client-node";
import type { BuildError } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubeApi } from "../kube-api.ts";
import { missingRule } from "../permissions.ts";
import { ApiServer, apiFor, type Fault, ManualClock, silentLogger } from "../testing/index.ts";

const POD: V1Pod = {
  metadata: { name: "p", labels: { "runner-pod": "r" } },
  spec: { containers: [{ name: "c", image: "i" }] },
};

let server: ApiServer;
let api: KubeApi;

beforeEach(async () => {
  server = await ApiServer.start();
  api = apiFor(server);
});
afterEach(async () => {
  expect(server.pendingFaults).toBe(0);
  await server.stop();
});

async function failureOf(promise: Promise<unknown>): Promise<BuildError> {
  return promise.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: BuildError) => error,
  );
}

describe("objects", () => {
  it("creates, reads, lists and deletes", async () => {
    await api.create("pods", POD);
    expect((await api.get("pods", "p"))?.spec?.containers[0]?.image).toBe("i");
    expect(await api.list("pods", "runner-pod=r")).toHaveLength(1);
    expect(await api.list("pods", "runner-pod=other")).toHaveLength(0);
    await api.delete("pods", "p", { graceSeconds: 0 });
    expect(await api.get("pods", "p")).toBeUndefined();
    const deletion = JSON.parse(
      server.requests.find(({ verb }) => verb === "delete")?.body ?? "{}",
    ) as object;
    expect(deletion).toMatchObject({ gracePeriodSeconds: 0, propagationPolicy: "Background" });
  });

  it("takes an object that is gone for deleted, and leaves another incarnation alone", async () => {
    await api.delete("pods", "p");
    await api.create("pods", POD);
    await api.delete("pods", "p", { uid: "of-another" });
    expect(await api.get("pods", "p")).toBeDefined();
  });

  it("does not adopt an object of the same name that somebody else made", async () => {
    server.addPod({ metadata: { name: "p" } });
    server.fault({ verb: "create" }, { kind: "reset", when: "before" });
    const error = await failureOf(api.create("pods", POD));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", details: { reason: "AlreadyExists" } });
  });
});

const PASSING: readonly [string, Fault][] = [
  ["429", { kind: "status", status: 429, headers: { "retry-after": "3" } }],
  ["500", { kind: "status", status: 500, message: "etcdserver: leader changed" }],
  ["502", { kind: "status", status: 502 }],
  ["503", { kind: "status", status: 503 }],
  ["504", { kind: "status", status: 504 }],
  ["a reset before the work", { kind: "reset", when: "before" }],
  ["a reset after the work", { kind: "reset", when: "after" }],
  ["a half-open connection before the work", { kind: "stall", when: "before" }],
  ["a half-open connection after the work", { kind: "stall", when: "after" }],
  ["an answer cut in the middle", { kind: "cut", afterBytes: 20 }],
];

describe.each(PASSING)("three times %s", (_name, fault) => {
  it.each(["get", "list", "create", "delete"] as const)("is survived by %s", async (verb) => {
    if (verb !== "create") server.addPod(POD);
    server.fault({ verb, times: 3 }, fault);
    if (verb === "create") await api.create("pods", POD);
    else if (verb === "get") expect((await api.get("pods", "p"))?.metadata?.name).toBe("p");
    else if (verb === "list") expect(await api.list("pods", "")).toHaveLength(1);
    else await api.delete("pods", "p");
    expect(server.objects("pods")).toHaveLength(verb === "delete" ? 0 : 1);
  });
});

describe("waiting", () => {
  it("honours Retry-After", async () => {
    const clock = new ManualClock({ running: true });
    const started = clock.now();
    server.fault({ verb: "get", times: 3 }, { kind: "status", status: 429, headers: { "retry-after": "7" } });
    await apiFor(server, { clock }).get("pods", "p");
    expect(clock.now() - started).toBeGreaterThanOrEqual(21_000);
  });

  it("ends after the budget with host, port and cause", async () => {
    const { url } = server;
    await server.stop();
    const error = await failureOf(api.get("pods", "p"));
    server = await ApiServer.start();
    expect(error.code).toBe("CLUSTER_UNAVAILABLE");
    expect(error.message).toContain(new URL(url).host);
    expect(error.message).toMatch(/ECONNREFUSED.*tries in \d+ s/);
    expect(error.cause).toBeDefined();
  });

  it("stops at once when it is cancelled", async () => {
    server.fault({}, { kind: "stall", when: "before" });
    const controller = new AbortController();
    const pending = failureOf(
      apiFor(server, { clock: new ManualClock() }).get("pods", "p", controller.signal),
    );
    while (server.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect((await pending).code).toBe("CANCELLED");
  });
});

const FORBIDDEN =
  'pods is forbidden: User "system:serviceaccount:jobs:runner" cannot create resource "pods" in API group "" in the namespace "jobs"';
const REFUSALS: readonly [string, Extract<Fault, { kind: "status" }>, Partial<BuildError>][] = [
  [
    "RBAC",
    { kind: "status", status: 403, message: FORBIDDEN },
    {
      code: "PERMISSION_DENIED",
      remedy: expect.stringContaining(missingRule("pods", "create")) as string,
    },
  ],
  [
    "Pod Security",
    {
      kind: "status",
      status: 403,
      message: 'pods "p" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    },
    {
      code: "POLICY_DENIED",
      message: expect.stringContaining("runAsNonRoot != true") as string,
      remedy: expect.stringContaining("restricted") as string,
    },
  ],
  [
    "a webhook",
    { kind: "status", status: 400, message: 'admission webhook "w" denied the request: no' },
    {
      code: "POLICY_DENIED",
      message: expect.stringContaining("denied the request: no") as string,
    },
  ],
  [
    "an admission policy",
    {
      kind: "status",
      status: 422,
      reason: "Invalid",
      message:
        "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'shape' with binding 'all' denied request: no root",
    },
    {
      code: "POLICY_DENIED",
      message: expect.stringContaining("denied request: no root") as string,
    },
  ],
  [
    "validation",
    { kind: "status", status: 422, reason: "Invalid", message: "spec.containers[0].image: Required value" },
    {
      code: "INVALID_CONFIG",
      message: expect.stringContaining("spec.containers[0].image") as string,
    },
  ],
  [
    "a missing namespace",
    { kind: "status", status: 404, reason: "NotFound", message: 'namespaces "jobs" not found' },
    {
      code: "INVALID_CONFIG",
      message: expect.stringContaining('namespaces "jobs" not found') as string,
    },
  ],
];

describe("refusals", () => {
  it.each(REFUSALS)("by %s end at once and say what to do", async (_name, fault, expected) => {
    server.fault({ verb: "create" }, fault);
    expect(await failureOf(api.create("pods", POD))).toMatchObject(expected);
    expect(server.requests).toHaveLength(1);
  });

  it("by a quota are waited out", async () => {
    const message =
      'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5';
    server.fault({ verb: "create", times: 2 }, { kind: "status", status: 403, message });
    await api.create("pods", POD);
    server.fault({ verb: "create" }, { kind: "status", status: 403, message });
    const error = await failureOf(apiFor(server, { retryBudgetMs: 0 }).create("pods", POD));
    expect(error.code).toBe("RESOURCE_EXHAUSTED");
  });

  it("never repeat what a Secret holds", async () => {
    const message = 'Secret "s" is invalid: data[x]: Invalid value: "hunter2": no';
    server.fault({ verb: "create" }, { kind: "status", status: 422, message });
    const error = await failureOf(
      api.create("secrets", { metadata: { name: "s" }, stringData: { x: "hunter2" } }),
    );
    expect(JSON.stringify(error)).not.toContain("hunter2");
  });
});

describe("credentials", () => {
  it("are read again once after 401", async () => {
    server.token = "new";
    const kubeconfig = server.kubeconfig({ token: "old" });
    const rotating = apiFor(server, { kubeconfig });
    const first = await failureOf(rotating.get("pods", "p"));
    expect(first).toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining("401") as string,
    });
    expect(server.requests).toHaveLength(2);
  });

  it("come from a token file that rotates", async () => {
    const { mkdtempSync, writeFileSync } = await import("node:fs");
    const { join } = await import("node:path");
    const { tmpdir } = await import("node:os");
    const tokenFile = join(mkdtempSync(join(tmpdir(), "token-")), "token");
    writeFileSync(tokenFile, "old");
    const kubeconfig = server.kubeconfig();
    kubeconfig.users = [{ name: "test", authProvider: { name: "tokenFile", config: { tokenFile } } }];
    server.token = "old";
    const rotating = apiFor(server, { kubeconfig });
    await rotating.get("pods", "p");
    writeFileSync(tokenFile, "new");
    server.token = "new";
    await rotating.get("pods", "p");
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([
      "Bearer old",
      "Bearer old",
      "Bearer new",
    ]);
  });
});

describe("an answer that is none of the Kubernetes API", () => {
  const foreign = ["null", "[]", '"ok"', "{}", "<html>Log in</html>", ""];
  const calls = {
    get: () => api.get("pods", "p"),
    list: () => api.list("pods", "a=b"),
    create: () => api.create("pods", POD),
  } as const;
  describe.each(foreign)("%j", (body) => {
    it.each(["get", "list", "create"] as const)("may pass for %s", async (verb) => {
      if (verb === "get") server.addPod(POD);
      server.fault({ verb, times: 2 }, { kind: "foreign", status: 200, body });
      await calls[verb]();
    });

    it.each(["get", "list", "create"] as const)(
      "ends %s with cause and cure where it stays",
      async (verb) => {
        const stubborn = await ApiServer.start();
        stubborn.fault({ times: 999 }, { kind: "foreign", status: 200, body });
        api = apiFor(stubborn);
        expect(await failureOf(calls[verb]())).toMatchObject({
          code: "CLUSTER_UNAVAILABLE",
          message: expect.stringMatching(
            new RegExp(`^something other than the Kubernetes API answers ${verb} pods`),
          ),
          remedy: expect.stringContaining("proxies"),
        });
        await stubborn.stop();
      },
    );
  });
});

describe("an outage", () => {
  const outage = {
    kind: "status",
    status: 503,
    message: "etcd is away",
    headers: { "retry-after": "6" },
  } as const;
  let warnings: string[];
  beforeEach(() => {
    warnings = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    api = apiFor(server, { logger });
  });

  it("that makes somebody wait is told of once, with its reason", async () => {
    server.fault({ times: 30 }, outage);
    await Promise.allSettled([api.list("pods", "a=b"), api.list("pods", "a=b")]);
    while (server.pendingFaults > 0) await api.list("pods", "a=b").catch(() => undefined);
    expect(warnings).toEqual([
      expect.stringMatching(/^Waiting for the cluster: .*status 503: etcd is away$/),
    ]);
  });

  it("is told of again when the cluster was there in between", async () => {
    for (let outages = 0; outages < 2; outages += 1) {
      server.fault({ times: 3 }, outage);
      await api.list("pods", "a=b");
    }
    expect(warnings).toHaveLength(2);
  });

  it("of a moment is none", async () => {
    server.fault({ times: 1 }, outage);
    await api.list("pods", "a=b");
    expect(warnings).toEqual([]);
  });
});

describe("TLS", () => {
  const fixture = (name: string) =>
    readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), "utf8");
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  it.each([
    ["an unknown CA", "good.cert.pem", undefined, /certificate authority/],
    ["an expired certificate", "expired.cert.pem", "expired.cert.pem", /expired/],
  ])("refuses %s at once", async (_name, certificate, ca, message) => {
    const secure = await ApiServer.start({
      tls: { key: fixture("key.pem"), cert: fixture(certificate) },
    });
    const kubeconfig = secure.kubeconfig(ca === undefined ? {} : { caData: base64(fixture(ca)) });
    const error = await failureOf(apiFor(secure, { kubeconfig }).get("pods", "p"));
    expect(error).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(message) as string,
    });
    await secure.stop();
  });

  it("works with the right CA", async () => {
    const cert = fixture("good.cert.pem");
    const secure = await ApiServer.start({ tls: { key: fixture("key.pem"), cert } });
    const secureApi = apiFor(secure, { kubeconfig: secure.kubeconfig({ caData: base64(cert) }) });
    await secureApi.create("pods", POD);
    expect(secure.objects("pods")).toHaveLength(1);
    await secure.stop();
  });
});
