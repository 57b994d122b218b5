import { describe, expect, it } from "vitest";
import { classifyFailure } from "./classify-failure.ts";
import { type DindConfig, parseDindConfig } from "./config.ts";

const config = parseDindConfig({ acceptPrivileged: true, image: "docker:26.1.5-dind" });

/** How BuildKit ends: the step's last lines, the place in the Dockerfile, the error. */
function ending(
  error: string,
  at?: { readonly line: number; readonly text: string; readonly printed?: string[] },
) {
  if (at === undefined) return [`ERROR: ${error}`];
  const { line, text, printed = [] } = at;
  const rows = text.split("\n").map((row, index) => `   ${line + index} | >>> ${row}`);
  return [
    ...["------", ` > [2/2] ${text.replaceAll("\n", " ")}:`, ...printed, "------"],
    ...[
      `Dockerfile:${line}`,
      "--------------------",
      "   1 |     FROM debian",
      ...rows,
      "--------------------",
    ],
    `ERROR: ${error}`,
  ];
}

const pull = (name: string, why: string) =>
  ending(`failed to solve: ${name}: failed to resolve source metadata for ${name}: ${why}`, {
    line: 1,
    text: `FROM ${name}`,
  });

const HEAD = 'failed to do request: Head "https://r.example/v2/a/manifests/1":';

interface Case {
  readonly name: string;
  readonly lines: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly config?: Partial<DindConfig>;
}

const CASES: readonly Case[] = [
  {
    name: "a RUN that failed",
    lines: ending(
      'failed to solve: process "/bin/sh -c echo; exit 7" did not complete successfully: exit code: 7',
      {
        line: 2,
        text: "RUN echo; \\\n  exit 7",
      },
    ),
    code: "BUILD_FAILED",
    message: "RUN echo; exit 7 (line 2) failed: exit code 7",
    remedy: "Mend the instruction; what it printed is above",
  },
  {
    name: "a client that lost its daemon in the middle of a line",
    lines: [
      "#4 2.9 16157ERROR: failed to receive status: rpc error: code = Canceled desc = context canceled",
    ],
    code: "BUILDER_UNAVAILABLE",
    message:
      "The Docker daemon did not tell how the build ended: #4 2.9 16157ERROR: failed to receive status: rpc error: code = Canceled desc = context canceled",
    remedy: "Try again; if it recurs, give the build more processor time",
  },
  {
    name: "a RUN that was killed",
    lines: ending('failed to solve: process "/bin/sh -c x" did not complete successfully: exit code: 137', {
      line: 2,
      text: "RUN x",
    }),
    code: "BUILD_FAILED",
    message: "RUN x (line 2) failed: exit code 137",
    remedy: "If it was killed for its memory: raise resources.limits.memory",
  },
  {
    name: "a user that the image does not have",
    lines: ending(
      'failed to solve: process "/bin/sh -c true" did not complete successfully: unable to find user x: no matching entries in passwd file',
      { line: 3, text: "RUN true" },
    ),
    code: "BUILD_FAILED",
    message: "RUN true (line 3) failed: unable to find user x: no matching entries in passwd file",
    remedy: "Mend the instruction",
  },
  {
    name: "an instruction that is none",
    lines: ending("failed to solve: dockerfile parse error on line 2: unknown instruction: FOO", {
      line: 2,
      text: "FOO bar",
    }),
    code: "INVALID_REQUEST",
    message: "The Dockerfile cannot be read: dockerfile parse error on line 2: unknown instruction: FOO",
    remedy: "Correct the Dockerfile",
  },
  {
    name: "no FROM",
    lines: ending("failed to solve: no build stage in current context", { line: 1, text: "RUN x" }),
    code: "INVALID_REQUEST",
    message: "The Dockerfile cannot be read: no build stage in current context",
    remedy: "Correct the Dockerfile",
  },
  {
    name: "an image name that is not legal",
    lines: ending('failed to solve: failed to parse stage name "A:c:d": invalid reference format', {
      line: 1,
      text: "FROM A:c:d",
    }),
    code: "INVALID_REQUEST",
    message: "An image name of the Dockerfile is not legal",
    remedy: "Correct the name",
  },
  {
    name: "an image name that is empty",
    lines: ending("failed to solve: base name ($B) should not be blank", { line: 2, text: "FROM $B" }),
    code: "INVALID_REQUEST",
    message: "An image name of the Dockerfile is not legal: base name ($B) should not be blank",
    remedy: "Correct the name",
  },
  {
    name: "a target that is none",
    lines: ending('failed to solve: target stage "nope" could not be found'),
    code: "INVALID_REQUEST",
    message: 'The target is not a stage: target stage "nope" could not be found',
    remedy: "Name a stage",
  },
  {
    name: "a file that the context does not have",
    lines: ending(
      'failed to solve: failed to compute cache key: failed to calculate checksum of ref f6h3::bwvk: "/nope": not found',
      { line: 2, text: "COPY nope /x" },
    ),
    code: "BUILD_FAILED",
    message: "COPY nope /x (line 2) failed: /nope is not there",
    remedy: ".dockerignore may leave the file out",
  },
  {
    name: "a file that another stage does not have",
    lines: ending(
      "failed to solve: lstat /var/lib/docker/data/tmp/buildkit-mount4011686653/nope: no such file or directory",
      { line: 3, text: "COPY --from=a /nope /x" },
    ),
    code: "BUILD_FAILED",
    message: "COPY --from=a /nope /x (line 3) failed: /nope is not there",
    remedy: "the stage or image that it is copied from",
  },
  {
    name: "a download that fails, which is no pull",
    lines: ending(
      'failed to solve: failed to load cache key: Get "http://x/": dial tcp: lookup x: no such host',
    ),
    code: "BUILD_FAILED",
    message: "Docker ended with exit code 1: failed to load cache key",
    remedy: "Mend the instruction",
  },
  {
    name: "an image that is not there",
    lines: pull("r.example/a:1", "r.example/a:1: not found"),
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "Image r.example/a:1 of line 1 cannot be pulled: r.example/a:1: not found",
    remedy: "Name an image and tag that exist",
  },
  {
    name: "an image that needs a credential",
    lines: pull(
      "r.example/a:1",
      "unexpected status from HEAD request to https://r.example/v2/a/manifests/1: 401 Unauthorized",
    ),
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "Image r.example/a:1 of line 1 cannot be pulled",
    remedy: "pullSecretName",
  },
  {
    name: "an image of the hub that is not there, or private",
    lines: pull(
      "a/b:1",
      "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    ),
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "pull access denied",
    remedy: "pullSecretName",
  },
  {
    name: "too many pulls",
    lines: pull(
      "a/b:1",
      "unexpected status from HEAD request: 429 Too Many Requests: toomanyrequests: You have reached",
    ),
    code: "REGISTRY_UNAVAILABLE",
    message: "429 Too Many Requests",
    remedy: "registryMirrors",
  },
  {
    name: "a certificate that nobody trusts",
    lines: pull(
      "r.example/a:1",
      `${HEAD} tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    ),
    code: "REGISTRY_UNTRUSTED",
    message: "x509: certificate signed by unknown authority",
    remedy: "SLIPWAY_REGISTRY_CA_FILE",
  },
  {
    name: "plain HTTP that nobody allowed",
    lines: pull("r.example/a:1", `${HEAD} http: server gave HTTP response to HTTPS client`),
    code: "REGISTRY_UNTRUSTED",
    message: "server gave HTTP response",
    remedy: "SLIPWAY_PLAIN_HTTP_REGISTRIES",
  },
  {
    name: "a registry without an address",
    lines: pull("r.example/a:1", `${HEAD} dial tcp: lookup r.example on 10.96.0.10:53: no such host`),
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "no such host",
    remedy: "Check the registry's name",
  },
  {
    name: "a registry that does not answer",
    lines: pull("r.example/a:1", `${HEAD} dial tcp 10.0.0.1:443: i/o timeout`),
    code: "REGISTRY_UNAVAILABLE",
    message: "i/o timeout",
    remedy: "Try again",
  },
  {
    name: "an image that no mirror has, where there are only mirrors",
    lines: pull(
      "docker.io/library/a:1",
      'failed to do request: Head "https://registry-1.docker.io/v2/library/a/manifests/1": dial tcp 127.0.0.1:443: connect: connection refused',
    ),
    config: { mirrorsOnly: true },
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "Image docker.io/library/a:1 of line 1 cannot be pulled: no mirror has it, or none answers",
    remedy: "mirrorsOnly",
  },
  {
    name: "a full disk",
    lines: ending("failed to solve: write /var/lib/docker/data/x: no space left on device", {
      line: 2,
      text: "COPY a b",
    }),
    code: "RESOURCE_EXHAUSTED",
    message: "COPY a b (line 2) failed: write /var/lib/docker/data/x: no space left on device",
    remedy: "Raise storage",
  },
  {
    name: "an image without buildx",
    lines: ["sh: 2: docker-buildx: not found"],
    code: "INVALID_CONFIG",
    message: "Image docker:26.1.5-dind has no buildx, or one that is too old",
    remedy: "Docker 26 or newer with buildx",
  },
  {
    name: "an old buildx",
    lines: ["unknown flag: --provenance", "See 'docker buildx build --help'."],
    code: "INVALID_CONFIG",
    message: "has no buildx, or one that is too old: unknown flag: --provenance",
    remedy: "Docker 26 or newer with buildx",
  },
  {
    name: "an old daemon",
    lines: ["ERROR: OCI exporter is not supported for the docker driver.", "Switch to a different driver"],
    code: "INVALID_CONFIG",
    message: "The Docker daemon of image docker:26.1.5-dind is too old",
    remedy: "Docker 26 or newer",
  },
];

describe("classifyFailure", () => {
  it.each(CASES)("tells $name", ({ lines, code, message, remedy, config: changes }) => {
    const error = classifyFailure({ exitCode: 1, reason: "Error", lines }, { ...config, ...changes });
    expect({ code: error.code, message: error.message, remedy: error.remedy }).toEqual({
      code,
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
  });

  it("knows by the exit code alone that the daemon is gone", () => {
    const lines = ending("failed to solve: dockerfile parse error on line 2: x");
    expect(classifyFailure({ exitCode: 121, reason: "Error", lines }, config).code).toBe(
      "BUILDER_UNAVAILABLE",
    );
  });

  it("gives line, instruction and exit code to programs", () => {
    const lines = ending('failed to solve: process "x" did not complete successfully: exit code: 7', {
      line: 2,
      text: "RUN x",
    });
    const { details } = classifyFailure({ exitCode: 1, reason: "Error", lines }, config);
    expect(details).toEqual({ exitCode: 1, line: 2, instruction: "RUN x" });
  });

  it("quotes neither control characters nor long texts", () => {
    const text = `RUN \u001b[31m${"x".repeat(5000)}`;
    const lines = ending('failed to solve: process "x" did not complete successfully: exit code: 7', {
      line: 2,
      text,
    });
    const { message } = classifyFailure({ exitCode: 1, reason: "Error", lines }, config);
    expect(message).not.toContain("\u001b");
    expect(message.length).toBeLessThan(1200);
  });
});
