import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BuildError } from "./errors.ts";
import { FEATURES, type Feature } from "./features.ts";
import type { BuildEvent, BuildRequest, BuildSession, BuiltImage } from "./image-builder.ts";
import { type RunBuildOptions, runBuild } from "./run-build.ts";

const digest = `sha256:${"d".repeat(64)}` as const;
const other = `sha256:${"e".repeat(64)}` as const;
const secret = "s3cr3t-value";
const every = Object.keys(FEATURES) as Feature[];

let context = "";
let called = 0;
beforeEach(async () => {
  called = 0;
  context = await mkdtemp(join(tmpdir(), "run-build-"));
  await dockerfile("FROM a AS first\nFROM first AS Last\n");
});
afterEach(() => rm(context, { recursive: true, force: true }));

const dockerfile = (text: string) => writeFile(join(context, "Dockerfile"), text);

interface Setup extends Partial<Omit<RunBuildOptions, "request">> {
  readonly request?: Partial<BuildRequest>;
  readonly build?: (session: BuildSession) => Promise<BuiltImage>;
}

function run({
  request,
  build = async () => ({ digest }),
  ...rest
}: Setup = {}): ReturnType<typeof runBuild> {
  return runBuild({
    builder: {
      build: (_, session) => {
        called += 1;
        return build(session);
      },
    },
    features: every,
    owner: "runner-1",
    signal: new AbortController().signal,
    onEvent: () => undefined,
    resolveDigest: async () => digest,
    request: {
      context: { kind: "directory", path: context },
      dockerfile: "Dockerfile",
      destinations: ["r:5000/a:1", "r:5000/b:2"],
      ...request,
    },
    ...rest,
  });
}

describe("runBuild", () => {
  it("returns digest, pinned references and facts", async () => {
    const facts = { os: "linux", architecture: "amd64", entrypoint: [], cmd: [], user: "", workingDir: "/" };
    expect(await run({ build: async () => ({ digest, facts }) })).toEqual({
      digest,
      references: [`r:5000/a@${digest}`, `r:5000/b@${digest}`],
      facts,
    });
    expect(await run()).not.toHaveProperty("facts");
  });

  it("hands session, owner and id to the builder", async () => {
    const sessions: BuildSession[] = [];
    const build = async (session: BuildSession) => {
      sessions.push(session);
      return { digest };
    };
    await run({ build, id: "x" });
    await run({ build });
    await run({ build });
    expect(sessions.map(({ owner }) => owner)).toEqual(["runner-1", "runner-1", "runner-1"]);
    expect(sessions[0]?.id).toBe("x");
    expect(sessions[1]?.id).not.toBe(sessions[2]?.id);
  });

  it.each<[string, Setup["request"], RegExp]>([
    ["a destination without a tag", { destinations: ["r:5000/a"] }, /no tag/],
    ["a destination without a registry", { destinations: ["r:5000/a:1", "a:1"] }, /no registry/],
    ["a missing Dockerfile", { dockerfile: "None" }, /does not exist/],
    ["a Dockerfile outside the context", { dockerfile: "../x" }, /outside/],
    ["an unknown stage", { target: "nope" }, /no stage "nope"/],
  ])("refuses %s before the builder is touched", async (_, request = {}, message) => {
    await expect(run({ request })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\w/),
    });
    expect(called).toBe(0);
  });

  it.each(["last", "FIRST", "0", "1"])("knows the stage %s", async (target) => {
    expect(await run({ request: { target } })).toHaveProperty("digest", digest);
  });

  it.each<[Feature, Setup["request"]]>([
    ["build-args", { buildArgs: { A: "b" } }],
    ["labels", { labels: { a: "b" } }],
    ["target", { target: "last" }],
    ["platform", { platform: "linux/arm64" }],
    ["syntax-frontend", { buildArgs: { BUILDKIT_SYNTAX: "x" } }],
  ])("refuses a request that needs %s of a builder without it", async (feature, request = {}) => {
    const features = every.filter((name) => name !== feature);
    await expect(run({ request, features })).rejects.toMatchObject({
      code: "UNSUPPORTED_FEATURE",
      message: expect.stringContaining(`${feature} (${FEATURES[feature]})`),
    });
    expect(called).toBe(0);
    expect(await run({ request })).toHaveProperty("digest");
  });

  it("names line, feature and the builders that have everything", async () => {
    await dockerfile("FROM a\n\nRUN --mount=type=tmpfs,target=/x y\nCOPY --parents a b\n");
    const have: Partial<Record<Feature, string[]>> = {
      "run-mount-tmpfs": ["dind", "x"],
      "copy-parents": ["dind"],
    };
    await expect(run({ features: [], othersWith: (feature) => have[feature] ?? [] })).rejects.toMatchObject({
      code: "UNSUPPORTED_FEATURE",
      message:
        "This builder does not have run-mount-tmpfs (RUN --mount=type=tmpfs), which line 3 of the Dockerfile needs: " +
        "RUN --mount=type=tmpfs,target=/x y; copy-parents (COPY --parents: keeps the folders of the source), " +
        "which line 4 of the Dockerfile needs: COPY --parents a b",
      remedy: expect.stringMatching(/such as dind, or/),
      details: { line: 3, features: "run-mount-tmpfs, copy-parents" },
    });
    await expect(run({ features: [] })).rejects.toHaveProperty(
      "remedy",
      expect.stringMatching(/no builder known/),
    );
  });

  it.each([
    ["is absent", undefined, /r:5000\/a:1 is absent/],
    ["has another digest", other, /is sha256:e+, but the builder reported sha256:d+/],
  ])("rejects when a destination %s", async (_, found, message) => {
    await expect(run({ resolveDigest: async () => found })).rejects.toMatchObject({
      code: "RESULT_UNVERIFIED",
      message: expect.stringMatching(message),
    });
  });

  it("asks for every destination, and takes the pusher's word where the registry is unreachable", async () => {
    const asked: string[] = [];
    const resolveDigest: RunBuildOptions["resolveDigest"] = async (reference) => {
      asked.push(reference);
      return asked.length === 1 ? "unreachable" : digest;
    };
    await run({ resolveDigest });
    expect(asked).toEqual(["r:5000/a:1", "r:5000/b:2"]);
  });

  it("rejects what is no digest", async () => {
    const build = async () => ({ digest: "sha256:1" as const });
    await expect(run({ build })).rejects.toMatchObject({ code: "RESULT_UNVERIFIED" });
  });

  it("blanks out secrets in events and errors, and keeps the rest of an error", async () => {
    const events: BuildEvent[] = [];
    const failure = new BuildError("BUILD_FAILED", `exit 7 of ${secret}`, {
      remedy: `look at ${secret}`,
      details: { exitCode: 7, tail: secret },
    });
    const build = async ({ emit }: BuildSession) => {
      emit({ type: "log", line: `a ${secret} b` });
      throw failure;
    };
    const result = run({ build, onEvent: (event) => events.push(event), secrets: [secret] });
    await expect(result).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: "exit 7 of ***",
      remedy: "look at ***",
      details: { exitCode: 7, tail: "***" },
      cause: failure,
    });
    expect(events).toEqual([{ type: "log", line: "a *** b" }]);
  });

  it("says of a RUN that failed that what it mounts is not there", async () => {
    await dockerfile("FROM a\nRUN --mount=type=secret,id=b c\nRUN d\n");
    const remedy = "Mend the instruction; what it printed is above";
    const failed = (line: number) =>
      run({
        build: () => Promise.reject(new BuildError("BUILD_FAILED", "exit 1", { remedy, details: { line } })),
      });
    await expect(failed(2)).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: "exit 1",
      remedy: `${remedy}. It mounts a secret, and a request gives none: it has to do without`,
      details: { line: 2 },
    });
    await expect(failed(3)).rejects.toMatchObject({ remedy });
  });

  it("passes on a BuildError as it is, and wraps everything else", async () => {
    const failure = new BuildError("POD_LOST", "gone", { details: { node: "n" } });
    await expect(run({ build: () => Promise.reject(failure) })).rejects.toBe(failure);
    const defect = new TypeError("x is undefined");
    await expect(run({ build: () => Promise.reject(defect) })).rejects.toMatchObject({
      code: "INTERNAL",
      cause: defect,
    });
    const thrown = () => {
      throw defect;
    };
    await expect(run({ build: thrown })).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it.each([
    ["CANCELLED", () => new Error("SIGINT")],
    ["TIMED_OUT", () => new DOMException("late", "TimeoutError")],
  ])("tells an abort by its reason: %s", async (code, reason) => {
    await expect(run({ signal: AbortSignal.abort(reason()) })).rejects.toMatchObject({ code });
    expect(called).toBe(0);
    const controller = new AbortController();
    const failure = new BuildError("POD_LOST", "deleted");
    const build = async () => {
      controller.abort(reason());
      throw failure;
    };
    await expect(run({ build, signal: controller.signal })).rejects.toMatchObject({ code, cause: failure });
  });

  it("does not call a finished build cancelled when the abort comes too late to matter", async () => {
    const controller = new AbortController();
    const resolveDigest = async () => {
      controller.abort();
      return digest;
    };
    expect(await run({ signal: controller.signal, resolveDigest })).toHaveProperty("digest", digest);
  });
});
