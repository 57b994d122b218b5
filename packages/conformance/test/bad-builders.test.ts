import { BuildError } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ImpatientClock } from "../src/testing/impatient-clock.ts";
import { RIGHT, RunCaseBed } from "./run-case-bed.ts";

let bed: RunCaseBed;
beforeEach(async () => {
  bed = await RunCaseBed.start();
});
afterEach(() => bed.stop());

describe("a builder that", () => {
  it("hangs, and stops when it is told to, has run out of time", async () => {
    const clock = new ImpatientClock();
    const result = await bed.run(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")));
          clock.timeUp();
        }),
      { options: { clock } },
    );
    expect(result).toMatchObject({ status: "timeout", error: { code: "TIMED_OUT" } });
  });

  it("hangs whatever it is told is left alone", async () => {
    const clock = new ImpatientClock();
    const result = await bed.run(
      () => {
        clock.timeUp();
        return new Promise(() => undefined);
      },
      { options: { clock } },
    );
    expect(result).toMatchObject({ status: "timeout", reason: "it did not stop when it was told to" });
  });

  it.each([
    ["throws", new TypeError("x is not a function")],
    ["says that it broke down", new BuildError("INTERNAL", "panic: index out of range")],
    ["is killed", new BuildError("RESOURCE_EXHAUSTED", "container build was killed for its memory")],
  ])("%s has crashed", async (_, error) => {
    const crashed = await bed.run(async () => {
      throw error;
    });
    expect(crashed).toMatchObject({ status: "crash", error: { message: error.message } });
  });

  it("floods the log costs a few lines", async () => {
    const lines = 50_000;
    const result = await bed.run((request, session) => {
      for (let at = 1; at < lines; at += 1) session.emit({ type: "log", line: `line ${at}` });
      session.emit({ type: "log", line: "x".repeat(1 << 20) });
      return bed.pushing(RIGHT)(request, session);
    });
    expect(result.status).toBe("pass");
    expect(result.log).toHaveLength(201);
    expect(result.log[0]).toBe(`… ${lines - 200} lines before these`);
    expect(result.log.at(-1)?.length).toBeLessThan(2_100);
  });

  it("prints secrets and control characters has neither in its result", async () => {
    const result = await bed.run((request, session) => {
      session.emit({ type: "log", line: "\u001b[31mred\u001b[0m \u0007s3cr3t-word\tend" });
      return bed.pushing(RIGHT)(request, session);
    });
    expect(result.log).toEqual(["red ***\tend"]);
  });

  it("leaves something running does not pass, and it is named", async () => {
    const owners: string[] = [];
    const result = await bed.run(bed.pushing(RIGHT), {
      builder: {
        leftovers: async (owner) => {
          owners.push(owner);
          return ["pod build-1"];
        },
      },
    });
    expect(result.status).toBe("leftovers");
    expect(result.differences).toEqual([
      { id: "left:running", expected: expect.any(String), actual: "pod build-1 does" },
    ]);
    expect(owners).toEqual([expect.stringMatching(/^case-[0-9a-f]{12}$/)]);
  });

  it("answers a digest that the registry does not have is found out", async () => {
    const result = await bed.run(async (request, session) => {
      await bed.pushing(RIGHT)(request, session);
      return { digest: `sha256:${"f".repeat(64)}` };
    });
    expect(result).toMatchObject({ status: "foreign-digest", error: { code: "RESULT_UNVERIFIED" } });
  });

  it("pushes nothing, and says that it did, is found out", async () => {
    const result = await bed.run(async () => ({ digest: `sha256:${"f".repeat(64)}` }));
    expect(result.status).toBe("foreign-digest");
  });
});

describe("a harness that fails", () => {
  it("is never the builder's fault: the registry is away", async () => {
    const host = bed.host();
    const result = await bed.run(bed.pushing(RIGHT), {
      host: {
        registry: { ...host.registry, inspect: async () => Promise.reject(new Error("ECONNREFUSED")) },
      },
    });
    expect(result).toMatchObject({ status: "harness-error", reason: "ECONNREFUSED" });
  });

  it("is never the builder's fault: the cluster is away", async () => {
    const result = await bed.run(async () => {
      throw new BuildError("CLUSTER_UNAVAILABLE", "the Kubernetes API does not answer");
    });
    expect(result).toMatchObject({ status: "harness-error", error: { code: "CLUSTER_UNAVAILABLE" } });
  });

  it("has no result at all after a cancel", async () => {
    const controller = new AbortController();
    const cancelled = bed.run(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")));
          controller.abort();
        }),
      { options: { signal: controller.signal } },
    );
    await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
