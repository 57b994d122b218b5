import { describe, expect, it } from "vitest";
import { parsePrepareJob } from "./prepare-job.ts";

/** As the runner serialises it: every field there, nulls written. */
const sent = {
  image: "node:22",
  dockerfile: null,
  entryPointArgs: [],
  entryPoint: null,
  workingDirectory: "/__w/repo/repo",
  createOptions: "--cpus 1",
  registry: { username: "foo", password: "bar", serverUrl: "" },
  environmentVariables: { NODE_ENV: "development", HOME: "/github/home", EMPTY: null },
  portMappings: ["80:8080"],
  systemMountVolumes: [
    {
      userProvidedValue: null,
      sourceVolumePath: "/home/runner/_work",
      targetVolumePath: "/__w",
      readOnly: false,
    },
  ],
  userMountVolumes: [
    {
      userProvidedValue: "my_docker_volume:/volume_mount",
      sourceVolumePath: "my_docker_volume",
      targetVolumePath: "/volume_mount",
      readOnly: false,
    },
  ],
};

const nothing = {
  image: "redis",
  dockerfile: null,
  entryPointArgs: null,
  entryPoint: "",
  workingDirectory: null,
  createOptions: null,
  registry: null,
  environmentVariables: null,
  portMappings: null,
  systemMountVolumes: null,
  userMountVolumes: null,
};

describe("parsePrepareJob", () => {
  it("reads what the runner sends", () => {
    expect(parsePrepareJob({ container: sent, services: [nothing] })).toEqual({
      container: {
        image: "node:22",
        entryPoint: undefined,
        entryPointArgs: [],
        createOptions: "--cpus 1",
        registry: { username: "foo", password: "bar", server: undefined },
        environment: { NODE_ENV: "development", HOME: "/github/home", EMPTY: "" },
        portMappings: ["80:8080"],
        systemMounts: [{ source: "/home/runner/_work", target: "/__w", readOnly: false }],
        userMounts: [{ source: "my_docker_volume", target: "/volume_mount", readOnly: false }],
      },
      services: [
        {
          image: "redis",
          entryPoint: undefined,
          entryPointArgs: [],
          createOptions: "",
          registry: undefined,
          environment: {},
          portMappings: [],
          systemMounts: [],
          userMounts: [],
        },
      ],
    });
  });

  it.each([
    ["no container", { container: null, services: [] }],
    ["no services either", { container: null, services: null }],
    ["nothing at all", {}],
  ])("takes %s", (_, args) => {
    expect(parsePrepareJob(args)).toEqual({ container: undefined, services: [] });
  });

  it("takes a registry without a user for none", () => {
    const container = { ...sent, registry: { username: "", password: "x", serverUrl: "ghcr.io" } };
    expect(parsePrepareJob({ container, services: [] }).container?.registry).toBeUndefined();
  });

  it.each([
    ["args of another kind", [], "args must be Object, not an array"],
    ["no args", undefined, "args is missing"],
    ["services that are no list", { services: {} }, "args.services must be Array"],
    [
      "a service without an image",
      { services: [{ ...nothing, image: null }] },
      "args.services.0.image is missing",
    ],
    [
      "a port that is a number",
      { container: { ...sent, portMappings: [80] } },
      "args.container.portMappings.0",
    ],
    [
      "a password that is none",
      { container: { ...sent, registry: { username: "u", password: 5 } } },
      "args.container.registry.password must be string, not number",
    ],
  ])("refuses %s", (_, args, message) => {
    expect(() => parsePrepareJob(args)).toThrow(message);
  });
});
