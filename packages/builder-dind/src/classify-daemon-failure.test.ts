import { describe, expect, it } from "vitest";
import { classifyDaemonFailure } from "./classify-daemon-failure.ts";
import { parseDindConfig } from "./config.ts";

const config = parseDindConfig({ acceptPrivileged: true, image: "docker:26.1.5-dind" });
const ended = { exitCode: 1, reason: "Error", wasReady: false, seconds: 2 };

describe("classifyDaemonFailure", () => {
  it.each([
    [
      "no daemon",
      "sh: 1: dockerd: not found",
      "INVALID_CONFIG",
      "Image docker:26.1.5-dind has no Docker daemon",
    ],
    [
      "a daemon that is too old",
      "unable to configure the Docker daemon with file: the following directives don't match any configuration option: features",
      "INVALID_CONFIG",
      "too old",
    ],
    [
      "no rights",
      "failed to start daemon: error initializing graphdriver: mount: operation not permitted",
      "INVALID_CONFIG",
      "has not the rights that it needs",
    ],
    [
      "a node that forbids user namespaces",
      "[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: operation not permitted",
      "INVALID_CONFIG",
      "cannot run without root on this node",
    ],
    [
      "a full disk",
      "mkdir /var/lib/docker/data: no space left on device",
      "RESOURCE_EXHAUSTED",
      "disk is full",
    ],
    [
      "what nobody knows",
      "it is Tuesday",
      "BUILDER_UNAVAILABLE",
      "did not start: it ended with exit code 1: it is Tuesday",
    ],
  ])("tells %s", (_, line, code, message) => {
    expect(classifyDaemonFailure({ ...ended, lines: [line] }, config)).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it("tells a daemon that does not get ready in time, with what it said last", () => {
    const lines = [
      "earlier",
      'time="2026-11-26T10:56:51Z" level=info msg="Loading containers: start."',
      'time="2026-11-26T10:56:52Z" level=warning msg="failed to \\"x\\"" error="no answer"',
      "plain",
    ];
    expect(classifyDaemonFailure({ ...ended, exitCode: 137, seconds: 61, lines }, config)).toMatchObject({
      code: "BUILDER_UNAVAILABLE",
      message:
        'The Docker daemon was not ready within 60 s: Loading containers: start.; failed to \\"x\\": no answer; plain',
      remedy: expect.stringContaining("startSeconds"),
    });
  });

  it("guesses nothing of a daemon that ended while it built: what it printed may be of a RUN's making", () => {
    const failure = { ...ended, exitCode: 137, wasReady: true, lines: ["operation not permitted"] };
    expect(classifyDaemonFailure(failure, config)).toMatchObject({
      code: "BUILDER_UNAVAILABLE",
      message: "The Docker daemon ended while it built, with exit code 137: operation not permitted",
      remedy: expect.stringContaining("resources"),
    });
  });
});
