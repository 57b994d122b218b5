import type { BuildEvent } from "@slipway/core";
import { type BuildBed, PULL_SECRET } from "@slipway/kube/build-bed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dindBed } from "./dind-bed.ts";

let bed: BuildBed;

beforeAll(async () => {
  bed = await dindBed();
});

afterAll(async () => {
  // Their deletion has been asked for; on a busy node it takes longer than a cancelled build waits for it.
  await bed.kubectl("wait", "--for=delete", "pods", "--all", "--timeout=60s");
  await bed.remove();
});

/** What the daemon's container says, while a build waits in its RUN. */
async function inDaemon(...command: string[]): Promise<string> {
  const name = await bed.kubectl("get", "pods", "-o", "jsonpath={.items[-1:].metadata.name}");
  return bed.kubectl("exec", name, "-c", "daemon", "--", ...command);
}

/** Calls `act` once the build has printed `line`. */
function atLine(line: string, act: () => unknown): (event: BuildEvent) => void {
  return (event) => {
    if (event.type === "log" && event.line.endsWith(` ${line}`)) act();
  };
}

describe("a build with Docker", () => {
  it("passes arguments exactly, reads the Dockerfile with its own frontend, and pushes what was built", async () => {
    const odd = "a b '\"$(HOME) $HOME \\";
    const { references, log } = await bed.build({
      files: {
        Dockerfile: [
          "# syntax=docker/dockerfile:1",
          "FROM debian:trixie-slim",
          "ARG ODD",
          "COPY --link marker /ctx/",
          "RUN --mount=type=tmpfs,target=/scratch <<EOF",
          'printf %s "$ODD" > /ctx/odd',
          "cat /sys/class/net/eth0/mtu",
          "ls -A /slipway-auth /slipway-pull /var/run/secrets /slipway-docker 2>&1 | grep -v 'No such file' || echo nothing",
          "EOF",
        ].join("\n"),
        marker: "from the context",
      },
      request: { buildArgs: { ODD: odd }, labels: { odd } },
      config: { pullSecretName: PULL_SECRET },
    });
    const [reference = ""] = references;
    expect(await bed.images.file(reference, "ctx/odd")).toBe(odd);
    expect((await bed.images.config(reference)).Labels).toEqual({ odd });
    // RUN has the pod's own interface.
    const mtu = await bed.testbed.execInRunner(["cat", "/sys/class/net/eth0/mtu"]);
    expect(log).toMatch(new RegExp(` ${mtu.stdout.trim()}\\n.* nothing\\n`));
  });

  it("listens on nothing, and ends when it is killed in the middle: that is told, and tried again", async () => {
    const sockets: Promise<string>[] = [];
    const notices: string[] = [];
    const ready = atLine("waiting", () => {
      if (sockets.length > 0) return;
      sockets.push(
        inDaemon("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6 /proc/net/unix; kill -9 $(pidof dockerd)"),
      );
    });
    const { log } = await bed.build({
      files: { Dockerfile: "FROM busybox:1.37\nRUN echo waiting; sleep 6\n" },
      onEvent: (event) => {
        ready(event);
        if (event.type === "notice") notices.push(event.message);
      },
    });
    expect(log).toContain("waiting");
    // RUN is in this network. 0A: LISTEN (include/net/tcp_states.h); 00010000: a Unix socket that accepts; @: by a name that needs no file.
    expect(await sockets[0]).toMatch(/ 00010000 .* \/slipway-docker\/docker\.sock$/m);
    expect(await sockets[0]).not.toMatch(/ 0A | 00010000 .* @/);
    expect(notices.join("\n")).toMatch(
      /Docker daemon ended while it built, with exit code 137.*; starting again/,
    );
  });

  it("leaves nothing when it is cancelled", async () => {
    const cancel = new AbortController();
    const build = bed.build({
      files: { Dockerfile: "FROM busybox:1.37\nRUN echo waiting; sleep 600\n" },
      signal: cancel.signal,
      onEvent: atLine("waiting", () => cancel.abort()),
    });
    await expect(build).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe.concurrent("a build with Docker that fails", () => {
  it.each([
    [
      "a RUN that fails, with its line",
      { Dockerfile: "FROM busybox:1.37\nRUN echo why; \\\n  exit 7\n" },
      {},
      { code: "BUILD_FAILED", message: "RUN echo why; exit 7 (line 2) failed: exit code 7" },
    ],
    [
      "a base image that no mirror has",
      { Dockerfile: "FROM busybox:nosuch\n" },
      {},
      {
        code: "BASE_IMAGE_UNAVAILABLE",
        message: expect.stringContaining("of line 1 cannot be pulled: no mirror"),
      },
    ],
    [
      "a disk that is full",
      { Dockerfile: "FROM busybox:1.37\nRUN dd if=/dev/zero of=/x bs=1M count=400; sleep 120\n" },
      { storage: "200Mi" },
      {
        code: "RESOURCE_EXHAUSTED",
        remedy: expect.stringContaining("Raise storage in SLIPWAY_BUILDER_CONFIG"),
      },
    ],
    [
      "an image without a daemon",
      { Dockerfile: "FROM busybox:1.37\n" },
      { image: "docker.io/library/busybox:1.37", version: "26.1.5" },
      { code: "INVALID_CONFIG", message: expect.stringContaining("has no Docker daemon") },
    ],
  ])("tells %s", async (_, files, config, expected) => {
    await expect(bed.build({ files, config })).rejects.toMatchObject(expected);
  });

  it("trusts the certificates of the operator", async () => {
    const certificate = await bed.kubectl(
      "get",
      "configmap",
      "kube-root-ca.crt",
      "-o",
      "jsonpath={.data.ca\\.crt}",
    );
    // A server with a certificate of that authority, though no registry: it forbids what it does not know.
    const files = { Dockerfile: "FROM kubernetes.default.svc:443/a/b:1\n" };
    await expect(bed.build({ files, ca: certificate })).rejects.toMatchObject({
      code: "BASE_IMAGE_UNAVAILABLE",
      message: expect.stringContaining("403 Forbidden"),
    });
  });

  it("is refused under Pod Security baseline, with the cure", async () => {
    const baseline = await dindBed("baseline");
    try {
      await expect(baseline.build({ files: { Dockerfile: "FROM busybox:1.37\n" } })).rejects.toMatchObject({
        code: "POLICY_DENIED",
        message: expect.stringContaining('Pod Security "baseline"'),
        remedy: expect.stringContaining("pod-security.kubernetes.io/enforce=privileged"),
      });
    } finally {
      await baseline.remove();
    }
  });
});
