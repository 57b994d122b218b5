import type { BuildPhase } from "@slipway/core";
import type { BuildBed } from "@slipway/kube/build-bed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kanikoBed } from "./kaniko-bed.ts";
import {
  type FaultName,
  startFaultyRegistry,
  startTlsRegistry,
  type TlsRegistry,
} from "./test-registries.ts";

const SMALL = { Dockerfile: "FROM scratch\nCOPY marker /\n", marker: "small" };

let bed: BuildBed;
let tls: TlsRegistry;
let faulty: string;

beforeAll(async () => {
  bed = await kanikoBed();
  [tls, faulty] = await Promise.all([startTlsRegistry(bed), startFaultyRegistry(bed)]);
  bed.plainHttp.push(faulty);
});

afterAll(async () => {
  await bed.remove();
});

describe("a registry with a certificate of a private authority", () => {
  it("takes images, and gives base images, when the authority is trusted", async () => {
    const base = `${tls.host}/tls/base:1`;
    const pushed = await bed.build({
      files: SMALL,
      request: { destinations: [base] },
      ca: tls.ca,
      secret: null,
    });
    const { references } = await bed.build({
      files: {
        Dockerfile: `FROM ${base}@${pushed.digest} AS base\nFROM scratch\nCOPY --from=base /marker /ctx/\n`,
      },
      ca: tls.ca,
    });
    expect(await bed.images.file(references[0] ?? "", "ctx/marker")).toBe("small");
  });

  it.each([
    ["push", SMALL, () => `${tls.host}/tls/refused:1`],
    ["FROM", () => ({ Dockerfile: `FROM ${tls.host}/tls/base:1\n` }), () => bed.destination()],
  ])("is refused at %s when it is not, with the setting that mends it", async (_name, files, destination) => {
    const failed = bed.build({
      files: typeof files === "function" ? files() : files,
      request: { destinations: [destination()] },
    });
    await expect(failed).rejects.toMatchObject({
      code: "REGISTRY_UNTRUSTED",
      message: expect.stringContaining("tls-registry"),
      remedy: expect.stringContaining("SLIPWAY_REGISTRY_CA_FILE"),
    });
    expect(await bed.leftovers()).toBe("");
  });
});

describe.concurrent("a registry with faults", () => {
  afterAll(async () => {
    expect(await bed.leftovers()).toBe("");
  });

  const destination = (fault: FaultName) => `${faulty}/${fault}/${bed.namespace}:1`;

  it.each<[FaultName, string, RegExp]>([
    ["readonly", "REGISTRY_DENIED", /403.*said the faulty registry/],
    ["missing", "REGISTRY_DENIED", /404/],
    ["down", "REGISTRY_UNAVAILABLE", /503.*attempts/],
  ])("ends the push: %s", async (fault, code, message) => {
    const failed = bed.build({ files: SMALL, request: { destinations: [destination(fault)] }, secret: null });
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(failed).rejects.toHaveProperty("message", expect.stringContaining(faulty));
  });

  it("delays the push with 429, which is then carried out", async () => {
    const { digest, references } = await bed.build({
      files: SMALL,
      request: { destinations: [destination("busy")] },
      secret: null,
    });
    const [pushed = ""] = references;
    expect(await bed.images.digest(pushed.replace(faulty, bed.testbed.mirrorHost))).toBe(digest);
  });

  it.each<[FaultName, string]>([
    ["forbidden", "BASE_IMAGE_UNAVAILABLE"],
    ["missing", "BASE_IMAGE_UNAVAILABLE"],
    ["down", "REGISTRY_UNAVAILABLE"],
  ])("ends the pull of a base image: %s", async (fault, code) => {
    const failed = bed.build({ files: { Dockerfile: `FROM ${destination(fault)}\n` } });
    await expect(failed).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/of line 1 cannot be pulled/),
    });
  });
});

describe("a cancelled build", () => {
  it.each<BuildPhase>(["prepare", "upload", "build", "push"])("leaves nothing: during %s", async (phase) => {
    const cancelled = new AbortController();
    const failed = bed.build({
      files: {
        Dockerfile: phase === "build" ? "FROM busybox:1.37\nRUN sleep 120\n" : SMALL.Dockerfile,
        marker: "",
      },
      request: { destinations: [`${faulty}/stalled/${bed.namespace}:1`] },
      secret: null,
      signal: cancelled.signal,
      onEvent: (event) => {
        if (event.type === "phase" && event.phase === phase) cancelled.abort();
      },
    });
    await expect(failed).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await bed.leftovers()).toBe("");
  });
});
