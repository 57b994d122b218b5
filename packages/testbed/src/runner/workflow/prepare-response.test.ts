import { describe, expect, it } from "vitest";
import type { HookContainer } from "./prepare-arguments.ts";
import { readPrepareResponse } from "./prepare-response.ts";

const container: HookContainer = {
  image: "debian",
  dockerfile: null,
  entryPointArgs: [],
  entryPoint: null,
  workingDirectory: null,
  createOptions: null,
  registry: null,
  environmentVariables: {},
  portMappings: [],
  systemMountVolumes: [],
  userMountVolumes: [],
};
const one = { container, services: [container] };
const services = [{ ports: { "80": "80" } }];

describe("readPrepareResponse", () => {
  it("takes what the runner takes", () => {
    expect(readPrepareResponse({ isAlpine: true, context: { services } }, one)).toEqual({
      isAlpine: true,
      container: null,
      services,
    });
    expect(readPrepareResponse({ state: {} }, { container: null, services: [] }).services).toEqual([]);
  });

  it.each([
    ["nothing at all", undefined, "no response"],
    ["no isAlpine", { context: { services } }, "isAlpine"],
    ["services as an object", { isAlpine: false, context: { services: {} } }, "not an array"],
    ["services that are null", { isAlpine: false, context: { services: null } }, "not an array"],
    [
      "a service too many",
      { isAlpine: false, context: { services: [...services, ...services] } },
      "2 entries",
    ],
    ["a service without ports", { isAlpine: false, context: { services: [{}] } }, "no ports"],
    [
      "a port that is a number",
      { isAlpine: false, context: { services: [{ ports: { "80": 80 } }] } },
      "string",
    ],
  ])("fails as the runner does: %s", (_what, response, message) => {
    expect(() => readPrepareResponse(response, one)).toThrow(message);
  });
});
