import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildRequest } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseDindConfig } from "./config.ts";
import { dockerClient } from "./docker-client.ts";
import { dockerDaemon } from "./docker-daemon.ts";

const request: BuildRequest = {
  context: { kind: "directory", path: "/unused" },
  dockerfile: "Dockerfile",
  destinations: ["registry.default.svc:5000/a/b:t"],
};
const plain = { acceptPrivileged: true, image: "docker:29.2.0-dind" };
const everything = {
  ...plain,
  registryMirrors: ["mirror.example:5000", "mirror.example"],
  mirrorsOnly: true,
  pullSecretName: "pull-bases",
  storage: "50Gi",
  resources: { requests: { cpu: "1" }, limits: { memory: "8Gi" } },
  startSeconds: 90,
};

describe("the containers of a build with Docker", () => {
  it.each([
    ["dind-plain.yaml", plain, request, { plainHttp: [] }],
    [
      "dind-everything.yaml",
      everything,
      {
        ...request,
        target: "t",
        platform: "linux/arm64",
        buildArgs: { A: "$(HOME) x=y", B: "" },
        labels: { "org.example": "a b" },
      },
      { plainHttp: ["mirror.example:5000"], ca: "PEM" },
    ],
    ["dind-rootless.yaml", { ...plain, variant: "rootless" }, request, { plainHttp: [] }],
    ["dind-userns.yaml", { ...plain, variant: "userns" }, request, { plainHttp: [] }],
  ])("%s is as reviewed (UPDATE_GOLDEN=1 rewrites it)", async (file, input, asked, trust) => {
    const config = parseDindConfig(input);
    const { classify: _, ...daemon } = dockerDaemon(config, trust);
    const path = join(import.meta.dirname, "../golden", file);
    const text = stringify({ daemon, client: dockerClient(config, asked) }, { lineWidth: 0 });
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, text);
    expect(text).toBe(await readFile(path, "utf8"));
  });

  it("has the daemon listen on a socket only, and never by the image's default", () => {
    const { command, env } = dockerDaemon(parseDindConfig(everything), { plainHttp: [] });
    const text = `${command.join(" ")} ${JSON.stringify(env)}`;
    expect(text).toContain("--host=unix:///slipway-docker/docker.sock");
    expect(text).not.toMatch(/tcp:|DOCKER_TLS/);
  });
});
