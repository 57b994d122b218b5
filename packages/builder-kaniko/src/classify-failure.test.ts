import { describe, expect, it } from "vitest";
import { classifyFailure } from "./classify-failure.ts";

const INFO = "\u001b[36mINFO\u001b[0m[0000] ";
const WARN = "\u001b[33mWARN\u001b[0m[0007] ";
const STAGE = "error building image: error building stage: ";
const PULL = "error building image: unable to complete operation after 3 attempts, last error: ";

interface Case {
  readonly name: string;
  readonly lines: readonly string[];
  readonly exitCode?: number;
  readonly code: string;
  readonly message: string;
}

// The lines are what Kaniko 1.24.0 printed on a real cluster, shortened.
const CASES: readonly Case[] = [
  {
    name: "a RUN that fails",
    lines: [
      `${INFO}RUN echo before && exit 7      `,
      `${INFO}Running: [/bin/sh -c echo before && exit 7] `,
      "before",
      `${STAGE}failed to execute command: waiting for process to exit: exit status 7`,
    ],
    exitCode: 7,
    code: "BUILD_FAILED",
    message: "RUN echo before && exit 7 failed: exit code 7",
  },
  {
    name: "a RUN that prints what Kaniko might say",
    lines: [
      `${INFO}RUN fake`,
      "error building image: x: UNAUTHORIZED",
      `${STAGE}failed to execute command: waiting for process to exit: exit status 1`,
    ],
    code: "BUILD_FAILED",
    message: "RUN fake failed: exit code 1",
  },
  {
    name: "a RUN that is killed",
    lines: [
      `${INFO}RUN kill -9 $$`,
      `${STAGE}failed to execute command: waiting for process to exit: signal: killed`,
    ],
    exitCode: 255,
    code: "BUILD_FAILED",
    message: "RUN kill -9 $$ failed: waiting for process to exit: signal: killed",
  },
  {
    name: "a program that is not there",
    lines: [
      `${INFO}RUN ["/nosuch"]`,
      `${STAGE}failed to execute command: starting command: fork/exec /nosuch: no such file or directory`,
    ],
    code: "BUILD_FAILED",
    message: 'RUN ["/nosuch"] failed: starting command: fork/exec /nosuch: no such file or directory',
  },
  {
    name: "a file that is not in the context",
    lines: [
      `${STAGE}failed to get files used from context: failed to get fileinfo for /kaniko/input/context/nosuch: lstat /kaniko/input/context/nosuch: no such file or directory`,
    ],
    code: "BUILD_FAILED",
    message:
      "A file to copy is not in the context: failed to get files used from context: failed to get fileinfo for nosuch: lstat nosuch: no such file or directory",
  },
  {
    name: "an archive that ends in the middle",
    lines: [
      `${INFO}ADD x.tar.gz /o/`,
      `${STAGE}failed to execute command: unpacking local tar: unexpected EOF`,
    ],
    code: "BUILD_FAILED",
    message: "ADD x.tar.gz /o/ failed: unpacking local tar: unexpected EOF",
  },
  {
    name: "a download from where nobody answers",
    lines: [
      `${INFO}ADD http://127.0.0.1:1/x /o/`,
      `${STAGE}failed to execute command: downloading remote source file: Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused`,
    ],
    code: "BUILD_FAILED",
    message:
      'ADD http://127.0.0.1:1/x /o/ failed: downloading remote source file: Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
  },
  {
    name: "a tag that does not exist",
    lines: [
      `${INFO}Retrieving image manifest busybox:nosuchtag`,
      `${PULL}GET http://registry.example/v2/library/busybox/manifests/nosuchtag: MANIFEST_UNKNOWN: manifest unknown; map[Tag:nosuchtag]`,
    ],
    code: "BASE_IMAGE_UNAVAILABLE",
    message:
      "Image busybox:nosuchtag of line 3 cannot be pulled: GET http://registry.example/v2/library/busybox/manifests/nosuchtag: MANIFEST_UNKNOWN: manifest unknown",
  },
  {
    name: "a mirror that lacks the tag, before a registry that cannot be reached",
    lines: [
      `${INFO}Retrieving image manifest busybox:nosuchtag`,
      `${WARN}Failed to retrieve image busybox:nosuchtag from remapped registry mirror.example:5000: unable to complete operation after 3 attempts, last error: GET http://mirror.example:5000/v2/x: MANIFEST_UNKNOWN: manifest unknown; map[Tag:nosuchtag]. Will try with the next registry, or fallback to the original registry. `,
      `${PULL}Get "https://index.docker.io/v2/": dial tcp: lookup index.docker.io on 10.96.0.10:53: server misbehaving`,
    ],
    code: "BASE_IMAGE_UNAVAILABLE",
    message:
      "(mirror mirror.example:5000: GET http://mirror.example:5000/v2/x: MANIFEST_UNKNOWN: manifest unknown)",
  },
  {
    name: "mirrors that all lack the tag",
    lines: [
      `${INFO}Retrieving image manifest busybox:nosuchtag`,
      "error building image: image not found on any configured mapped registries for busybox:nosuchtag",
    ],
    code: "BASE_IMAGE_UNAVAILABLE",
    message:
      "Image busybox:nosuchtag of line 3 cannot be pulled: image not found on any configured mapped registries",
  },
  {
    name: "a private image",
    lines: [
      `${INFO}Retrieving image manifest r.example/p:1`,
      `${PULL}GET https://r.example/v2/p/manifests/1: UNAUTHORIZED: authentication required; [map[Action:pull]]`,
    ],
    code: "BASE_IMAGE_UNAVAILABLE",
    message:
      "Image r.example/p:1 cannot be pulled: GET https://r.example/v2/p/manifests/1: UNAUTHORIZED: authentication required",
  },
  {
    name: "a rate limit",
    lines: [
      `${PULL}GET https://index.docker.io/v2/library/x/manifests/1: TOOMANYREQUESTS: You have reached your pull rate limit.`,
    ],
    code: "REGISTRY_UNAVAILABLE",
    message: "A base image cannot be pulled: GET https://index.docker.io",
  },
  {
    name: "a registry without a certificate that is trusted",
    lines: [
      `${PULL}Get "https://r.example/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    ],
    code: "REGISTRY_UNTRUSTED",
    message: "x509: certificate signed by unknown authority",
  },
  {
    name: "a registry that speaks plain HTTP",
    lines: [`${PULL}Get "https://r.example:5000/v2/": http: server gave HTTP response to HTTPS client`],
    code: "REGISTRY_UNTRUSTED",
    message: "server gave HTTP response to HTTPS client",
  },
  {
    name: "a registry without a name in DNS",
    lines: [
      `${PULL}Get "https://nosuch.example/v2/": dial tcp: lookup nosuch.example on 10.96.0.10:53: no such host`,
    ],
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "no such host",
  },
  {
    name: "a registry that does not answer",
    lines: [`${PULL}Get "https://r.example/v2/": dial tcp 10.0.0.1:443: connect: connection refused`],
    code: "REGISTRY_UNAVAILABLE",
    message: "connection refused",
  },
  {
    name: "an image name that is none",
    lines: ["error building image: could not parse reference: x.example/a:b"],
    code: "INVALID_REQUEST",
    message: "could not parse reference: x.example/a:b",
  },
  {
    name: "a Dockerfile that cannot be parsed",
    lines: [
      "error building image: parsing dockerfile: dockerfile parse error on line 2: unknown instruction: FORM",
    ],
    code: "INVALID_REQUEST",
    message: "line 2: unknown instruction: FORM",
  },
  {
    name: "a flag of another version",
    lines: [
      "Error: unknown flag: --credential-helpers",
      "Usage:",
      "  executor [flags]",
      "  executor [command]",
      "",
      "unknown flag: --credential-helpers",
    ],
    code: "INVALID_CONFIG",
    message: "Image kaniko:1 does not know a flag: unknown flag: --credential-helpers",
  },
  {
    name: "capabilities that are missing",
    lines: [`${STAGE}failed to get filesystem from image: chown /etc/shadow: operation not permitted`],
    code: "INVALID_CONFIG",
    message: "chown /etc/shadow: operation not permitted",
  },
  {
    name: "a user namespace that is too small",
    lines: [`${STAGE}failed to get filesystem from image: chown /data: invalid argument`],
    code: "INVALID_CONFIG",
    message: "users outside the pod's range",
  },
  {
    name: "a full disk",
    lines: [`${STAGE}failed to take snapshot: write /kaniko/1: no space left on device`],
    code: "RESOURCE_EXHAUSTED",
    message: "no space left on device",
  },
  {
    name: "a crash",
    lines: ["panic: runtime error: index out of range", "", "goroutine 1 [running]:"],
    exitCode: 2,
    code: "INTERNAL",
    message: "Kaniko crashed: panic: runtime error",
  },
  {
    name: "a file whose path has the number of a status",
    lines: [
      `${STAGE}failed to execute command: copying dir: open /kaniko/input/context/403/x: permission denied`,
    ],
    code: "BUILD_FAILED",
    message: "copying dir: open 403/x: permission denied",
  },
  {
    name: "a registry that answers with a bare status",
    lines: [`${PULL}GET https://r.example/v2/p/manifests/1: unexpected status code 403 Forbidden`],
    code: "BASE_IMAGE_UNAVAILABLE",
    message: "unexpected status code 403 Forbidden",
  },
  {
    name: "an error of a program of RUN, when the executor was killed",
    lines: [`${INFO}RUN npm ci`, "Error: Cannot find module 'x'", "    at node:internal"],
    exitCode: 137,
    code: "BUILD_FAILED",
    message: "Kaniko ended with exit code 137",
  },
  {
    name: "words that nobody knows",
    lines: ["something else\u001b[31m\r"],
    code: "BUILD_FAILED",
    message: "Kaniko ended with exit code 1: something else",
  },
  {
    name: "a file that a stage does not have",
    lines: [
      "error building image: error building stage: failed to get files used from context: failed to get fileinfo for /kaniko/0/missing: lstat /kaniko/0/missing: no such file or directory",
    ],
    code: "BUILD_FAILED",
    message: "A file to copy is not in its stage: /missing of stage 0",
  },
  { name: "silence", lines: [], code: "BUILD_FAILED", message: "Kaniko ended with exit code 1" },
];

describe("classifyFailure", () => {
  it.each(CASES)("tells $name", ({ lines, exitCode = 1, code, message }) => {
    const build = {
      image: "kaniko:1",
      baseImages: [{ image: "busybox:nosuchtag", line: 3 }],
      findWritten: () => undefined,
    };
    const error = classifyFailure({ exitCode, reason: "Error", lines }, build);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.remedy).toBeTruthy();
    expect(error.details).toMatchObject({ exitCode });
  });

  it("names the instruction that was written, with its line", () => {
    const lines = ['INFO[0001] RUN ["/bin/sh","-c","exit 3\\n"]', FAILED_RUN];
    const build = { image: "kaniko:1", baseImages: [], findWritten: () => ({ line: 2, text: "RUN <<EOF" }) };
    const error = classifyFailure({ exitCode: 3, reason: "Error", lines }, build);
    expect(error.message).toBe("RUN <<EOF (line 2) failed: exit code 3");
    expect(error.details).toEqual({ exitCode: 3, instruction: "RUN <<EOF", line: 2 });
  });

  it("does not take the instruction before for the one whose files are missing", () => {
    const gaveUp =
      "error building image: error building stage: failed to get files used from context: failed to get fileinfo for /a";
    const build = { image: "kaniko:1", baseImages: [], findWritten: () => undefined };
    const lines = ["INFO[0001] RUN true", gaveUp];
    expect(classifyFailure({ exitCode: 1, reason: "Error", lines }, build).details).toEqual({ exitCode: 1 });
  });
});

const FAILED_RUN =
  "error building image: error building stage: failed to execute command: waiting for process to exit: exit status 3";
