import { FEATURES, type Feature } from "@slipway/core";
import type { Bench } from "../bench.ts";
import { expectSame } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { imageOf } from "../image-of.ts";
import type { PushedImage } from "../pushed-image.ts";

/** A Dockerfile that shows whether the feature is there, and what its image has then. */
interface Probe {
  readonly lines: (bench: Bench) => readonly string[];
  readonly found: (image: PushedImage) => unknown;
  readonly wanted: unknown;
  readonly needsShell?: true;
}

/**
 * One probe for each feature that a few files can show. What a builder does not declare never reaches it: core's gate refuses. Declared, and
 * ignored without a word, it makes wrong images that look well.
 */
const PROBES: Partial<Record<Feature, Probe>> = {
  "copy-chmod": {
    lines: () => ["FROM scratch", "COPY --chmod=0751 a /"],
    found: (image) => image.mode("/a"),
    wanted: "751",
  },
  "copy-chmod-symbolic": {
    lines: () => ["FROM scratch", "COPY --chmod=u=rwx,go=r a /"],
    found: (image) => image.mode("/a"),
    wanted: "744",
  },
  "copy-heredoc": {
    lines: () => ["FROM scratch", "COPY <<EOF /made", "one", "two", "EOF"],
    found: (image) => image.text("/made"),
    wanted: "one\ntwo\n",
  },
  "copy-exclude": {
    lines: () => ["FROM scratch", "COPY --exclude=*.log tree /ctx/"],
    found: (image) => image.paths("/ctx"),
    wanted: ["/ctx/d.txt", "/ctx/e"],
  },
  "copy-parents": {
    lines: () => ["FROM scratch", "COPY --parents tree/e /ctx/"],
    found: (image) => image.text("/ctx/tree/e"),
    wanted: "e",
  },
  "healthcheck-start-interval": {
    lines: () => ["FROM scratch", "COPY a /", 'HEALTHCHECK --start-interval=7s CMD ["/a"]'],
    found: (image) => image.config.config?.Healthcheck?.["StartInterval"],
    // Nanoseconds (Docker image specification v1.2, "Healthcheck").
    wanted: 7_000_000_000,
  },
  "run-heredoc": {
    lines: ({ base }) => [
      `FROM ${base}`,
      "WORKDIR /work",
      "RUN <<EOF",
      "printf one > made",
      "printf two >> made",
      "EOF",
    ],
    found: (image) => image.text("/work/made"),
    wanted: "onetwo",
    needsShell: true,
  },
  "run-mount-tmpfs": {
    lines: ({ base }) => [
      `FROM ${base}`,
      "WORKDIR /work",
      "RUN --mount=type=tmpfs,target=/work/tmp printf x > tmp/file && printf seen > made",
    ],
    found: (image) => [image.text("/work/made"), image.text("/work/tmp/file")],
    wanted: ["seen", undefined],
    needsShell: true,
  },
  "run-mount-cache": {
    lines: ({ base }) => [
      `FROM ${base}`,
      "WORKDIR /work",
      "RUN --mount=type=cache,target=/work/cache printf x > cache/file && printf seen > made",
    ],
    found: (image) => [image.text("/work/made"), image.text("/work/cache/file")],
    wanted: ["seen", undefined],
    needsShell: true,
  },
  "run-mount-bind": {
    lines: ({ base }) => [
      `FROM ${base}`,
      "WORKDIR /work",
      "RUN --mount=type=bind,source=tree,target=/work/given cat given/e > made",
    ],
    found: (image) => [image.text("/work/made"), image.text("/work/given/e")],
    wanted: ["e", undefined],
    needsShell: true,
  },
};

const FILES = { a: "a", "tree/c.log": "c", "tree/d.txt": "d", "tree/e": "e" };

/** Features that are declared are there. The corpus has more cases for each of them. */
export const honestyCases: readonly ConformanceCase[] = Object.entries(PROBES).map(([name, probe]) => {
  const feature = name as Feature;
  return {
    id: `honesty/${feature}`,
    title: `declared, ${FEATURES[feature]} is what happens`,
    requires: [feature],
    ...(probe.needsShell === true ? { needs: ["shell-base" as const] } : {}),
    run: async (bench) => {
      const built = await bench.build({
        files: { ...FILES, Dockerfile: `${probe.lines(bench).join("\n")}\n` },
      });
      expectSame(FEATURES[feature], probe.found(await imageOf(bench, built)), probe.wanted);
    },
  } satisfies ConformanceCase;
});
