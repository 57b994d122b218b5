import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderHost, BuildSession } from "@slipway/core";
import { type BuildPods, type LayoutBuild, withBuildPods } from "@slipway/kube";
import { silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builder } from "./plugin.ts";

let folder: string;
let builds: LayoutBuild[];
let probes: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kaniko-builder-"));
  builds = [];
  probes = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const digest = `sha256:${"0".repeat(64)}` as const;
const pods: BuildPods = {
  run: async (build) => {
    builds.push(build);
    return { digest };
  },
  probe: async () => {
    probes += 1;
    return "Kaniko version :  v1.28.3";
  },
};
const host: BuilderHost = { logger: silentLogger, trust: { plainHttp: [] }, workDir: "/unused" };
const session: BuildSession = {
  id: "1",
  owner: "o",
  signal: new AbortController().signal,
  emit: () => undefined,
};

function maker(config: object, on = withBuildPods(host, pods)) {
  const made = builder.create(builder.parseConfig(config), on);
  return (dockerfile: string) => {
    writeFileSync(join(folder, "Dockerfile"), dockerfile);
    const context = { kind: "directory", path: folder } as const;
    return made.build({ context, dockerfile: "Dockerfile", destinations: ["r.example/a:b"] }, session);
  };
}

describe("KanikoBuilder", () => {
  it("hands the Dockerfile on as it is", async () => {
    expect(await maker({ version: "1.24.0" })("FROM scratch\nCOPY a /\n")).toEqual({ digest });
    expect(builds[0]?.dockerfile).toBeUndefined();
  });

  it.each(["1.24.0", "1.28.3"])("translates here-documents of RUN for %s", async (version) => {
    await maker({ version })('FROM busybox\nRUN <<EOF\nx=1\necho "[$x]"\nEOF\n');
    expect(builds[0]?.dockerfile).toBe(
      'FROM busybox\nRUN ["/bin/sh","-c","x=1\\necho \\"[$x]\\"\\n"]\n\n\n\n',
    );
  });

  it.each([
    ["a script that names no interpreter", "1.28.3", "FROM busybox\nRUN <<EOF\n#!\nEOF\n"],
    ["a RUN in another group than 1.24 gives it", "1.24.0", "FROM busybox\nUSER 7:8\nRUN id\n"],
    ["Kaniko's own folder", "1.28.3", "FROM busybox\nRUN touch /kaniko/x\n"],
    ["special bits that 1.24 drops", "1.24.0", "FROM busybox\nCOPY --chmod=4755 a /a\n"],
    ["a source outside of the context", "1.28.3", "FROM scratch\nCOPY $TARGETARCH/../../x /\n"],
    ["one in a bind mount", "1.28.3", "FROM x\nRUN --mount=type=bind,source=../x,target=/x cat /x\n"],
    ["such bits on build", "1.24.0", 'FROM busybox\nONBUILD ADD --chmod=2755 ["b", "/a"]\n'],
  ])("refuses %s", async (_, version, dockerfile) => {
    await expect(maker({ version })(dockerfile)).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE" });
    expect(builds).toEqual([]);
  });

  it("leaves stages that nothing needs, and flags that change nothing, to themselves", async () => {
    await maker({ version: "1.24.0" })(
      "FROM a AS dev\nRUN --mount=type=ssh b\nUSER 7:8\nRUN c\nFROM a\nRUN --security=sandbox d\n",
    );
    expect(builds[0]?.dockerfile).toBe("FROM scratch AS dev\n\n\n\nFROM a\nRUN  d\n");
  });

  it("takes off a secret that nobody gives, and refuses one that is required", async () => {
    const build = maker({ version: "1.24.0" });
    await build("FROM a\nRUN --mount=type=secret,id=b c\n");
    expect(builds[0]?.dockerfile).toBe("FROM a\nRUN  c\n");
    await expect(build("FROM a\nRUN --mount=type=secret,id=b,required c\n")).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      details: { line: 2 },
    });
    await expect(build('FROM a\nRUN --mount="type=secret,id=b" c\n')).rejects.toMatchObject({
      code: "UNSUPPORTED_FEATURE",
    });
    expect(builds).toHaveLength(1);
  });

  it("takes the leading .. off a source", async () => {
    await maker({ version: "1.24.0" })("FROM scratch\nCOPY ../../.docker/config.json /\n");
    expect(builds[0]?.dockerfile).toBe('FROM scratch\nCOPY ["/.docker/config.json","/"]\n');
  });

  // As Docker does: an archive has owners and modes of its own.
  it("ignores owner and mode for an archive that ADD unpacks", async () => {
    await maker({ version: "1.24.0" })("FROM busybox\nADD --chown=1:1 --chmod=600 a.tar /a/\n");
    expect(builds).toHaveLength(1);
  });

  it("asks an image without a version once", async () => {
    const build = maker({ image: "kaniko@sha256:0" });
    await build("FROM scratch\nCOPY --chmod=4755 a /a\n");
    await build("FROM scratch\n");
    expect(probes).toBe(1);
    expect(builds[0]?.container.args).toContain("--image-format=oci");
  });

  it("says that it needs a cluster", async () => {
    await expect(maker({}, host)("FROM scratch\n")).rejects.toMatchObject({ code: "BUILDER_UNAVAILABLE" });
  });
});
