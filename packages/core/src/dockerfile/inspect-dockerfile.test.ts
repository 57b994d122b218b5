// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like template strings
import { describe, expect, it } from "vitest";
import { FEATURES } from "../features.ts";
import { type InspectOptions, inspectDockerfile } from "./inspect-dockerfile.ts";

function needsOf(instructions: string): string[] {
  return inspectDockerfile(`FROM a\n${instructions}\n`).needs.map(({ feature }) => feature);
}

const NEEDS: readonly (readonly [instructions: string, ...features: string[]])[] = [
  ["RUN x\nCOPY a b\nADD a b\nENV a=b\nHEALTHCHECK --interval=3s CMD x\nCOPY --from=a --chown=1 a b"],
  ["RUN <<EOF\nEOF", "run-heredoc"],
  ["RUN cat <<A <<B\nA\nB", "run-heredoc"],
  ["COPY <<EOF /x\nEOF", "copy-heredoc"],
  ["ADD <<EOF /x\nEOF", "copy-heredoc"],
  ["RUN --mount=target=/x y", "run-mount-bind"],
  ["RUN --mount=type=bind,source=a,target=/x y", "run-mount-bind"],
  ["RUN --mount=from=a,target=/x y", "run-mount-bind-from"],
  ["RUN --mount=TYPE=Cache,target=/x y", "run-mount-cache"],
  ["RUN --mount=type=cache,target=/x,sharing=shared y", "run-mount-cache"],
  ["RUN --mount=type=cache,target=/x,sharing=locked y", "run-mount-cache", "run-mount-cache-options"],
  ["RUN --mount=type=cache,target=/x,from=a y", "run-mount-cache", "run-mount-cache-options"],
  ["RUN --mount=type=cache,target=/x,ro y", "run-mount-cache", "run-mount-cache-options"],
  ["RUN --mount=type=cache,target=/x,readonly=false y", "run-mount-cache"],
  ['RUN --mount="type=tmpfs,target=/x" y', "run-mount-tmpfs"],
  ["RUN --mount=type=secret,id=a y", "run-mount-secret"],
  ["RUN --mount=type=ssh --mount=type=tmpfs,target=/x y", "run-mount-ssh", "run-mount-tmpfs"],
  ["RUN --mount=type=tmpfs,target=/a --mount=type=tmpfs,target=/b y", "run-mount-tmpfs"],
  ["RUN --network=default --security=sandbox y"],
  ["RUN --network=none y", "run-network"],
  ["RUN --security=insecure y", "run-security"],
  ["RUN --device=vendor/x y", "run-device"],
  ["COPY --parents a b", "copy-parents"],
  ["COPY --parents=false --link=false a b"],
  ["copy --exclude=x --exclude=y a b", "copy-exclude"],
  ["ADD --exclude=x a b", "copy-exclude"],
  ["COPY --link a b", "copy-link"],
  ["ADD --link=true a b", "copy-link"],
  ["COPY --chmod=0755 a b", "copy-chmod"],
  ["COPY --chmod=u+x a b", "copy-chmod-symbolic"],
  ["ARG M=755\nCOPY --chmod=$M a b", "copy-chmod"],
  ["COPY --chmod=$M a b", "copy-chmod", "copy-chmod-symbolic"],
  [`ADD --checksum=sha256:${"1".repeat(64)} http://a/b c`, "add-checksum"],
  [`ADD --che\\\ncksum=sha256:${"1".repeat(64)} http://a/b c`, "add-checksum"],
  ["ADD https://github.com/a/b.git#v1:sub /x", "add-git"],
  ["ADD git@github.com:a/b.git /x", "add-git"],
  ["ARG HOST=https://github.com\nADD $HOST/a/b.git /x", "add-git"],
  ["ADD https://a/b.tar.gz /x"],
  ["ADD --keep-git-dir https://a/b.git /x", "add-keep-git-dir", "add-git"],
  ["ADD --unpack=false a b", "add-unpack"],
  ["HEALTHCHECK --start-interval=3s CMD x", "healthcheck-start-interval"],
  ["ONBUILD RUN --mount=type=tmpfs,target=/x y", "run-mount-tmpfs"],
  ["ONBUILD COPY --parents a b", "copy-parents"],
  ["FROM --platform=linux/arm64 b", "from-platform"],
  ["FROM --platform=$BUILDPLATFORM b\nFROM --platform=${TARGETPLATFORM} c"],
  ['RUN ["cat", "x <<EOF y"]\nADD --link b c', "copy-link"],
];

describe("inspectDockerfile", () => {
  it.each(NEEDS)("derives the needs of %s", (instructions, ...features) => {
    expect(needsOf(instructions)).toEqual(features);
  });

  it("has a case for every feature that a Dockerfile can need", () => {
    const ofRequests = ["build-args", "labels", "target", "platform"];
    const seen = new Set(["syntax-frontend", ...ofRequests, ...NEEDS.flatMap(([, ...features]) => features)]);
    expect(Object.keys(FEATURES).filter((feature) => !seen.has(feature))).toEqual([]);
  });

  it("tells line and text of a need", () => {
    expect(inspectDockerfile("# c\nFROM a\n\nRUN --mount=type=tmpfs,target=/x \\\n  y\n").needs).toEqual([
      { feature: "run-mount-tmpfs", line: 4, text: "RUN --mount=type=tmpfs,target=/x y" },
    ]);
  });

  it.each([
    ["docker/dockerfile:1", []],
    ["docker.io/docker/dockerfile:1.7-labs", []],
    ["docker/dockerfile-upstream:master", ["syntax-frontend"]],
    ["r.example/x", ["syntax-frontend"]],
  ])("asks for a frontend with # syntax=%s", (image, features) => {
    for (const before of ["", "\uFEFF", "#!/usr/bin/env x\n", "# escape=\\\n"]) {
      const { needs } = inspectDockerfile(`${before}# syntax=${image}\nFROM a\n`);
      expect(needs.map(({ feature }) => feature)).toEqual(features);
    }
  });

  it.each<[string, InspectOptions, boolean]>([
    ["linux/arm64", { platform: "linux/arm64" }, false],
    ["linux/amd64", { platform: "linux/arm64" }, true],
    ["linux/amd64", { platform: "linux/arm64", nodePlatform: "linux/amd64" }, true],
    ["linux/amd64", { nodePlatform: "linux/amd64" }, false],
    ["linux/x86_64", { nodePlatform: "linux/amd64" }, false],
    ["linux/arm64/v8", { nodePlatform: "linux/arm64" }, false],
    ["linux/arm/v6", { nodePlatform: "linux/arm/v7" }, true],
    ["linux/amd64", {}, true],
    ["$P", { nodePlatform: "linux/amd64" }, false],
    ["$TARGETPLATFORM", { platform: "linux/arm64" }, false],
    ["$BUILDPLATFORM", {}, false],
    ["$BUILDPLATFORM", { platform: "linux/arm64" }, true],
    ["${BUILDPLATFORM}", { platform: "linux/arm64", nodePlatform: "linux/arm64" }, false],
  ])("knows whether FROM --platform=%s with %j needs the feature: %s", (value, options, needed) => {
    const { needs } = inspectDockerfile(`ARG P=linux/amd64\nFROM --platform=${value} a\n`, options);
    expect(needs.length === 1).toBe(needed);
  });

  it("sees that an automatic platform is redefined", () => {
    const { needs } = inspectDockerfile(
      "ARG TARGETPLATFORM=linux/s390x\nFROM --platform=$TARGETPLATFORM a\n",
    );
    expect(needs.map(({ feature }) => feature)).toEqual(["from-platform"]);
  });

  it.each([
    ["FROM busybox\n", ["busybox 1"]],
    ["FROM scratch\nFROM busybox AS b\nFROM B\nCOPY --from=b x y\n", ["busybox 2"]],
    ['ARG V=1\nARG I=a:${V}\nFROM $I AS b\nFROM "${I}-x"\nCOPY --from=b x y\n', ["a:1 3", "a:1-x 4"]],
    ["ARG V\nFROM a:${V:-2} AS b\nFROM a${V:+x}\nCOPY --from=b x y\n", ["a:2 2", "a 3"]],
    ["FROM a:${TARGETARCH}\n", []],
    [
      "FROM a\nFROM b\nCOPY --from=0 x y\nCOPY --from=r/c:1 x y\nRUN --mount=from=d,target=/x y\n",
      ["a 1", "b 2", "r/c:1 4", "d 5"],
    ],
    ["FROM --platform=$BUILDPLATFORM a AS x\n", ["a 1"]],
    ["FROM a\nARG V=1\nFROM b:x$V\nCOPY --from=0 x y\n", ["a 1", "b:x 3"]],
    ["FROM a AS unused\nCOPY --from=c x y\nFROM b\n", ["b 3"]],
  ])("lists the images that %j pulls", (source, expected) => {
    expect(inspectDockerfile(source).baseImages.map(({ image, line }) => `${image} ${line}`)).toEqual(
      expected,
    );
  });

  it("prefers build arguments to defaults", () => {
    const { baseImages } = inspectDockerfile("ARG V=1\nFROM a:$V\n", { buildArgs: { V: "2" } });
    expect(baseImages).toEqual([{ image: "a:2", line: 2 }]);
  });

  it.each([
    ["", /Line 1 .*no FROM/],
    ["ARG a\n", /no FROM/],
    ["RUN x\nFROM a\n", /Line 1 .*no FROM/],
    ["FORM a\n", /Line 1 .*unknown instruction FORM/],
    ["FROM a\n\nRUNN x\n", /Line 3 .*unknown instruction RUNN/],
    ["FROM a b\n", /IMAGE AS NAME/],
    ["FROM a AS\n", /IMAGE AS NAME/],
    ["FROM a AS 1x\n", /"1x"/],
    ["FROM ${UNDEF}\n", /names no image/],
    ["FROM a\nCOPY --Link a b\n", /unknown flag COPY --Link/],
    ["FROM a\nRUN --link a\n", /unknown flag RUN --link/],
    ["FROM a\nCMD --version\n", /unknown flag CMD --version/],
    ["FROM a\nCOPY --from=a --from=b a b\n", /twice/],
    ["FROM a\nCOPY --from a b\n", /no value/],
    ["FROM a\nCOPY --link=maybe a b\n", /neither true nor false/],
    ["FROM a\nCOPY a\n", /source and a destination/],
    ['FROM a\nADD ["a"]\n', /source and a destination/],
    ["FROM a\nCOPY a <<EOF\nEOF\n", /cannot be a destination/],
    ["FROM a\nENV a\n", /name and a value/],
    ["FROM a\nENV a=1 b\n", /"b" has no =/],
    ["FROM a\nLABEL\n", /name and a value/],
    ["FROM a\nARG\n", /ARG needs an argument/],
    ["FROM a\nSHELL /bin/sh\n", /JSON array/],
    ["FROM a\nSHELL []\n", /JSON array/],
    ["FROM a\nHEALTHCHECK CMD\n", /HEALTHCHECK/],
    ["FROM a\nHEALTHCHECK FOO x\n", /HEALTHCHECK/],
    ["FROM a\nRUN --mount=type=nfs,target=/x y\n", /"nfs" is not a type/],
    ["FROM a\nONBUILD ONBUILD RUN x\n", /cannot trigger ONBUILD/],
    ["FROM a\nONBUILD FOO x\n", /unknown instruction FOO/],
  ])("refuses %j as Docker does", (source, message) => {
    expect(() => inspectDockerfile(source)).toThrow(message);
  });

  it.each([
    ["COPY http://x.example/a /b", /Line 2 .*COPY cannot fetch/],
    ["ARG U=https://x.example/a\nCOPY $U /b", /Line 3 .*COPY cannot fetch/],
    ["COPY a git@x.example:y/z.git /b/", /COPY cannot fetch/],
    ["COPY --chmod=abc a /b", /--chmod=abc is not a mode/],
    ["COPY --chmod=999 a /b", /is not a mode/],
    ["COPY --chmod=17777 a /b", /is not a mode/],
    ["COPY --chmod=u=rwz a /b", /is not a mode/],
    ["ARG M=-1\nADD --chmod=$M a /b", /Line 3 .*--chmod=-1 is not a mode/],
    [`ADD --checksum=sha256:${"0".repeat(64)} a /b`, /for a download/],
    [`ADD --checksum=sha256:${"0".repeat(64)} https://x/a https://x/b /b/`, /for one source/],
    ["ADD --checksum=sha256:abc https://x/a /b", /not the checksum/],
    [`ADD --checksum=md5:${"0".repeat(32)} https://x/a /b`, /not the checksum/],
  ])("refuses %j, which BuildKit refuses before it builds", (instructions, message) => {
    expect(() => inspectDockerfile(`FROM x\n${instructions}\n`)).toThrow(message);
  });

  it.each([
    "COPY --chmod=7777 a /b",
    "COPY --chmod=0 a /b",
    "COPY --chmod=u=rwX,go=rX a /b",
    "COPY --chmod=+x,g=u,o= a /b",
    "COPY --chmod=u+rw-x a /b",
    "COPY --chmod=$TARGETARCH a /b",
    'ADD --checksum="" a /b',
    `ADD --checksum=sha256:${"0".repeat(64)} https://x/a /b`,
    "ADD --checksum=be1f38e https://x/a.git /b",
    "ADD --checksum=$TARGETARCH https://x/a /b",
    `ADD --checksum=sha256:${"0".repeat(64)} $OF_BASE_IMAGE/a /b`,
    "ONBUILD COPY http://x.example/a /b",
  ])("does not refuse %s", (instructions) => {
    expect(() => inspectDockerfile(`FROM x\n${instructions}\n`)).not.toThrow();
  });

  it.each([
    ["COPY ../a /b", "../a", 2],
    ["COPY a/../../b /c", "a/../../b", 2],
    ["ADD x /../a /b", "/../a", 2],
    ['COPY ["../a", "/b"]', "../a", 2],
    ['COPY "../a" /b', '"../a"', 2],
    ["ONBUILD COPY ../a /b", "../a", 2],
    ["ARG P=..\nCOPY $P/a /b", "$P/a", 3],
    ["ENV P ..\nCOPY ${P}/a /b", "${P}/a", 3],
    ["COPY $TARGETARCH/../../../a /b", "$TARGETARCH/../../../a", 2],
    ["RUN --mount=type=bind,source=../a,target=/b c", "../a", 2],
  ])(
    "tells which source of %j leads out of the context, where Docker stays",
    (instructions, source, line) => {
      expect(inspectDockerfile(`FROM x\n${instructions}\n`).outsideSources).toEqual([{ source, line }]);
    },
  );

  it.each([
    "COPY a/../b /c",
    "COPY --from=x ../a /b",
    "COPY ..a /b",
    "ADD https://a/../b /c",
    "COPY a ../b",
    "RUN cat ../a",
  ])("leaves %s alone", (instructions) => {
    expect(inspectDockerfile(`FROM x\n${instructions}\n`)).toMatchObject({ needs: [], outsideSources: [] });
  });

  it.each([
    ["nested substitutions", `FROM a\nRUN ${"${a:-".repeat(10_000)}x <<EOF\n`],
    ["balanced ones", `FROM a\nCOPY ${"${a:-".repeat(9_000)}${"}".repeat(9_000)} /x\n`],
    ["values that double", `ARG a=1\n${"ARG a=$a$a\n".repeat(80)}FROM a\nCOPY --chmod=$a b c\n`],
    ["stages", "FROM a AS b\n".repeat(50_000)],
  ])("survives a flood of %s", (_, source) => {
    expect(inspectDockerfile(source).needs.length).toBeLessThan(3);
  });
});
