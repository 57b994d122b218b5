import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildRequest } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseKanikoConfig } from "./config.ts";
import { kanikoArgs, kanikoContainer } from "./kaniko-args.ts";
import { OLDEST_VERSION } from "./kaniko-version.ts";

const request: BuildRequest = {
  context: { kind: "directory", path: "/unused" },
  dockerfile: "Dockerfile",
  destinations: ["registry.example/a:b"],
};
const everything: BuildRequest = {
  ...request,
  target: "final",
  platform: "linux/arm64",
  buildArgs: { HTTP_PROXY: "http://proxy:3128", EMPTY: "", ODD: "--destination=x\n$(HOME) 'y'" },
  labels: { "org.example": "a=b c" },
};
const config = parseKanikoConfig({
  image: "kaniko@sha256:0",
  registryMirrors: ["mirror.example:5000", "second.example"],
  mirrorsOnly: true,
  registryMap: { "docker.io": "mirror.example/hub", "ghcr.io": "mirror.example:5000" },
  pullSecretName: "pull-bases",
  resources: { limits: { memory: "4Gi" } },
  imageDownloadRetry: 1,
  extraArgs: ["--single-snapshot", "--ignore-path=/x y"],
});
const trust = { plainHttp: ["mirror.example:5000"], ca: "PEM" };

describe("kanikoContainer", () => {
  it.each([
    [
      "kaniko-1.24.yaml",
      { version: OLDEST_VERSION, config: parseKanikoConfig({}), trust: { plainHttp: [] }, request },
    ],
    ["kaniko-1.24-everything.yaml", { version: OLDEST_VERSION, config, trust, request: everything }],
    [
      "kaniko-1.28.yaml",
      {
        version: { major: 1, minor: 28, patch: 3 },
        config: parseKanikoConfig({}),
        trust: { plainHttp: [] },
        request,
      },
    ],
    [
      "kaniko-1.28-everything.yaml",
      { version: { major: 1, minor: 28, patch: 3 }, config, trust, request: everything },
    ],
  ])("%s is as reviewed (UPDATE_GOLDEN=1 rewrites it)", async (file, call) => {
    const path = join(import.meta.dirname, "../golden", file);
    const text = stringify(kanikoContainer(call), { lineWidth: 0, aliasDuplicateObjects: false });
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, text);
    expect(text).toBe(await readFile(path, "utf8"));
  });

  it("lets no value become a flag of its own", () => {
    const args = kanikoArgs({ version: OLDEST_VERSION, config, trust, request: everything });
    expect(args.filter((arg) => !/^--[a-z][a-z-]*(=|$)/.test(arg))).toEqual([]);
    expect(args.filter((arg) => arg.startsWith("--destination"))).toEqual([]);
  });
});
