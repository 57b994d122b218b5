import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { missingRule, PERMISSIONS } from "./permissions.ts";

describe("missingRule", () => {
  it.each([
    ["pods", "list", { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "create", "delete"] }],
    ["pods/exec", "create", { apiGroups: [""], resources: ["pods/exec"], verbs: ["get", "create"] }],
    ["secrets", "get", { apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete", "get"] }],
    [
      "jobs",
      "create",
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "create", "delete"] },
    ],
    ["leases", "get", { apiGroups: [""], resources: ["leases"], verbs: ["get"] }],
  ])("grants %s %s", (resource, verb, rule) => {
    expect(parse(missingRule(resource, verb))).toEqual([rule]);
  });
});

describe("PERMISSIONS", () => {
  it("asks for nothing that lets a runner change or watch what is not its own", () => {
    const verbs = PERMISSIONS.flatMap(({ verbs, optionalVerbs = [] }) => [...verbs, ...optionalVerbs]);
    expect(verbs.filter((verb) => !["get", "list", "create", "delete"].includes(verb))).toEqual([]);
  });
});
