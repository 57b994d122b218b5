import { BuildError, FEATURES, type Feature } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RIGHT, RunCaseBed, WITHOUT_USER } from "./run-case-bed.ts";

const EVERY = Object.keys(FEATURES) as Feature[];

let bed: RunCaseBed;
beforeEach(async () => {
  bed = await RunCaseBed.start();
});
afterEach(() => bed.stop());

describe("a case that builds", () => {
  it("passes with an image that is as the case says", async () => {
    const result = await bed.run(bed.pushing(RIGHT));
    expect(result).toMatchObject({ case: "keeps-user", builder: "made-up", status: "pass", differences: [] });
    expect(result.image).toBe(`${bed.registry.host}/conformance/made-up@${result.digest}`);
    expect(result.contextSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("differs by the ids of what is not so", async () => {
    const { status, differences } = await bed.run(bed.pushing(WITHOUT_USER));
    expect({ status, ids: differences.map(({ id }) => id) }).toEqual({
      status: "differs",
      ids: ["config:User"],
    });
  });

  it("differs when the image is malformed, whatever its facts are", async () => {
    const { status, differences } = await bed.run(
      bed.pushing({
        ...RIGHT,
        editConfig: (config) => ({
          ...config,
          rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
        }),
      }),
    );
    expect(status).toBe("differs");
    expect(differences.map(({ id }) => id)).not.toEqual([]);
    expect(differences.every(({ id }) => id.startsWith("malformed:"))).toBe(true);
  });

  it("is silently ignored where the image is that of a Dockerfile without the feature", async () => {
    const item = bed.case({ features: ["run-mount-tmpfs"], ignored: { config: { User: null } } });
    const result = await bed.run(bed.pushing(WITHOUT_USER), { item, builder: { features: EVERY } });
    expect(result.status).toBe("silently-ignored");
    expect(result.differences.map(({ id }) => id)).toEqual(["config:User"]);
  });

  it("is refused by the gate, and the builder is not asked, for a feature that it does not declare", async () => {
    await bed.dockerfile("FROM scratch\nRUN --mount=type=tmpfs,target=/t true\n");
    let asked = 0;
    const build = async () => {
      asked += 1;
      return { digest: `sha256:${"1".repeat(64)}` as const };
    };
    const result = await bed.run(build, { item: bed.case({ features: ["run-mount-tmpfs"] }) });
    expect(result).toMatchObject({
      status: "unsupported",
      error: { code: "UNSUPPORTED_FEATURE", line: 2 },
    });
    expect(asked).toBe(0);
  });

  it("passes with a warning where the builder warned", async () => {
    const result = await bed.run(
      (request, session) => {
        session.emit({ type: "log", line: "WARN: not as asked" });
        return bed.pushing(RIGHT)(request, session);
      },
      { builder: { isWarning: (line) => line.startsWith("WARN") } },
    );
    expect(result).toMatchObject({ status: "pass-with-warning", warnings: ["WARN: not as asked"] });
  });

  it("asks for texts of the log, whichever comes first", async () => {
    const item = bed.case({ expect: { log: ["one", "two", "three"] } });
    const printing = (...lines: string[]) =>
      bed.run(
        (request, session) => {
          for (const line of lines) session.emit({ type: "log", line });
          return bed.pushing(RIGHT)(request, session);
        },
        { item },
      );
    expect((await printing("say one", "and two three")).status).toBe("pass");
    expect((await printing("three", "one", "two")).status).toBe("pass");
    const incomplete = await printing("two", "twenty");
    expect(incomplete.status).toBe("differs");
    expect(incomplete.differences.map(({ id }) => id)).toEqual(["log:one", "log:three"]);
  });

  it("compares how the image ends when it is run", async () => {
    const item = bed.case({ expect: { run: { stdout: "hi\n", exitCode: 3 } } });
    const ran = { exitCode: 0, output: "ho\n" };
    const result = await bed.run(bed.pushing(RIGHT), { item, host: { runImage: async () => ran } });
    expect(result).toMatchObject({ status: "differs", run: ran });
    expect(result.differences.map(({ id }) => id)).toEqual(["run:exitCode", "run:stdout"]);
    expect((await bed.run(bed.pushing(RIGHT), { item })).status).toBe("skipped");
  });

  it("is skipped, with the reason, where the host lacks what it needs", async () => {
    const build = { dockerfile: "Dockerfile", buildArgs: { URL: "{{files}}/x" } };
    const item = bed.case({ build, features: ["build-args"] });
    const skipped = await bed.run(bed.pushing(RIGHT), { item });
    expect(skipped).toMatchObject({ status: "skipped", reason: expect.stringContaining("{{files}}") });
    const seen: unknown[] = [];
    await bed.run(
      (request, session) => {
        seen.push(request.buildArgs);
        return bed.pushing(RIGHT)(request, session);
      },
      { item, host: { values: { files: "http://files" } }, builder: { features: EVERY } },
    );
    expect(seen).toEqual([{ URL: "http://files/x" }]);
  });
});

describe("a case that fails", () => {
  const failing = (error: Error) => async () => {
    throw error;
  };
  const failure = new BuildError("BUILD_FAILED", "RUN false failed", { details: { line: 2 } });

  it("passes with the code, the line, and nothing pushed", async () => {
    const item = bed.case({ expect: { fails: ["BUILD_FAILED"], line: 2 } });
    expect(await bed.run(failing(failure), { item })).toMatchObject({
      status: "pass",
      error: { code: "BUILD_FAILED", line: 2 },
    });
  });

  it("leaves it to the builder to refuse a malformed .dockerignore", async () => {
    const item = bed.case({
      recipe: [{ path: ".dockerignore", type: "file", text: "[\n" }],
      expect: { fails: ["INVALID_REQUEST"] },
    });
    const refusal = new BuildError("INVALID_REQUEST", "Line 1 of .dockerignore is not a pattern");
    expect((await bed.run(failing(refusal), { item })).status).toBe("pass");
    expect((await bed.run(bed.pushing(RIGHT), { item })).status).toBe("accepts-invalid");
  });

  it.each([
    ["another line", { fails: ["BUILD_FAILED"], line: 3 }, "error:line"],
    ["another code", { fails: ["INVALID_REQUEST"] }, "error:BUILD_FAILED"],
  ] as const)("does not pass with %s", async (_, expectation, id) => {
    const result = await bed.run(failing(failure), { item: bed.case({ expect: expectation }) });
    expect(result.status).toBe("accepts-invalid");
    expect(result.differences.map((one) => one.id)).toEqual([id]);
  });

  it("does not pass where something was pushed nevertheless", async () => {
    const item = bed.case({ expect: { fails: ["BUILD_FAILED"] } });
    const result = await bed.run(
      async ({ destinations: [destination] }) => {
        bed.push(destination.replace(":built", ":other"), RIGHT);
        throw failure;
      },
      { item },
    );
    expect(result.status).toBe("accepts-invalid");
    expect(result.differences.map(({ id }) => id)).toEqual(["pushed:other"]);
  });

  it("does not pass where it builds", async () => {
    const item = bed.case({ expect: { fails: ["BUILD_FAILED"] } });
    expect((await bed.run(bed.pushing(RIGHT), { item })).status).toBe("accepts-invalid");
  });

  it("is a failure of a builder that needs a node of the platform, and of the harness where none was asked for", async () => {
    const failing = async () => {
      throw new BuildError("UNSCHEDULABLE", "no node takes the pod");
    };
    const build = { dockerfile: "Dockerfile", platform: "linux/arm64" };
    const item = bed.case({ build, features: ["platform"] });
    expect((await bed.run(failing, { item, builder: { features: EVERY } })).status).toBe("fail");
    expect((await bed.run(failing)).status).toBe("harness-error");
  });

  it("is a failure of the builder where the case should build", async () => {
    expect(await bed.run(failing(failure))).toMatchObject({
      status: "fail",
      error: { code: "BUILD_FAILED" },
    });
  });
});
