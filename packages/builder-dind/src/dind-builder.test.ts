import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderHost, BuildRequest, BuildSession } from "@slipway/core";
import { type BuildPods, type LayoutBuild, withBuildPods } from "@slipway/kube";
import { silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builder } from "./plugin.ts";

let folder: string;
let builds: LayoutBuild[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dind-builder-"));
  builds = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const digest = `sha256:${"0".repeat(64)}` as const;
const pods: BuildPods = {
  run: async (build) => {
    builds.push(build);
    return { digest };
  },
  probe: async () => "",
};
const host: BuilderHost = { logger: silentLogger, trust: { plainHttp: [] }, workDir: "/unused" };
const session: BuildSession = {
  id: "1",
  owner: "o",
  signal: new AbortController().signal,
  emit: () => undefined,
};

async function built(dockerfile: string, image = "docker:26.1.5-dind"): Promise<string | undefined> {
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  const config = builder.parseConfig({ acceptPrivileged: true, image });
  const context = { kind: "directory", path: folder } as const;
  const request: BuildRequest = { context, dockerfile: "Dockerfile", destinations: ["r.example/a:b"] };
  await builder.create(config, withBuildPods(host, pods)).build(request, session);
  return builds.at(-1)?.dockerfile;
}

describe("DindBuilder", () => {
  it("hands the Dockerfile on as it is", async () => {
    expect(await built("FROM a\nRUN --network=none b\n")).toBeUndefined();
  });

  it("takes off flags that change nothing, and that an older Docker does not know", async () => {
    expect(await built("FROM a\nRUN --security=sandbox b\n")).toBe("FROM a\nRUN  b\n");
  });

  it("writes modes out, which an older Docker does not", async () => {
    expect(await built("FROM a\nARG M=440\nCOPY --chmod=$M b /c\n")).toBe(
      "FROM a\nARG M=440\nCOPY --chmod=440 b /c\n",
    );
    const unknown = "FROM a\nCOPY --chmod=$OF_BASE_IMAGE b /c\n";
    await expect(built(unknown)).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE", details: { line: 2 } });
    expect(await built(unknown, "docker:28.5.2-dind")).toBeUndefined();
  });

  it("has BuildKit read the Dockerfile with its own frontend", async () => {
    expect(await built("# syntax=docker/dockerfile:1\nFROM a\n")).toMatch(
      /^# \(its own frontend\).*\nFROM a\n$/,
    );
  });
});
