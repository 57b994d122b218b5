import { describe, expect, test } from "vitest";
import { parseDockerConfig, secretsOf } from "./keychain.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const config = (auths: object) => JSON.stringify({ auths });
const ok = { username: "bob", password: "secret" };

describe("a credential", () => {
  test.each([
    ["registry.example:5000", "registry.example:5000"],
    ["https://registry.example:5000/v2/", "registry.example:5000"],
    ["http://Registry.Example", "registry.example"],
    ["https://index.docker.io/v1/", "docker.io"],
    ["docker.io", "registry-1.docker.io"],
  ])("under the key %s is found for %s", (key, host) => {
    expect(parseDockerConfig(config({ [key]: ok })).resolve(host)).toEqual(ok);
  });

  test.each([["example"], ["registry.example:5001"], ["a.registry.example:5000"], ["registry.example"]])(
    "is not shown to %s",
    (host) => {
      expect(parseDockerConfig(config({ "registry.example:5000": ok })).resolve(host)).toBeUndefined();
    },
  );

  test.each([
    ["auth", { auth: base64("bob:se:cr et") }, { username: "bob", password: "se:cr et" }],
    [
      "auth with its line feed kept",
      { auth: base64("bob:secret\n") },
      { username: "bob", password: "secret\n" },
    ],
    ["auth and the same names", { ...ok, auth: base64("bob:secret") }, ok],
    [
      "an identity token",
      { auth: base64("bob:"), identitytoken: "refresh" },
      { username: "bob", password: "", identityToken: "refresh" },
    ],
    [
      "a registry token",
      { registrytoken: "bearer" },
      { username: "", password: "", registryToken: "bearer" },
    ],
  ])("is read from %s", (_name, entry, expected) => {
    expect(parseDockerConfig(config({ "r.example": entry })).resolve("r.example")).toEqual(expected);
  });
});

describe("a malformed config is INVALID_CONFIG", () => {
  test.each([
    ["not JSON", '{"auths": {"r": {"password": "hunter2"', "is not JSON"],
    ["not an object", "[]", "is not a JSON object"],
    ["empty", "{}", 'no entry in "auths"'],
    ["auths a list", '{"auths":[]}', '"auths" in the Docker config is not an object'],
    ["helpers only", '{"credHelpers":{"eu.gcr.io":"gcr"}}', "only credential helpers for eu.gcr.io"],
    ["a store only", '{"auths":{},"credsStore":"desktop"}', "only credential helpers"],
    [
      "bad base64",
      config({ "a.example": ok, "b.example": { auth: "hunter2!" } }),
      'the entry for b.example has "auth" that is not base64; it has entries for a.example, b.example',
    ],
    ["no colon", config({ "b.example": { auth: base64("hunter2") } }), 'not the base64 of "user:password"'],
    ["contradiction", config({ "b.example": { ...ok, auth: base64("bob:hunter2") } }), "disagrees"],
    ["nothing in it", config({ "b.example": {} }), "no user name with password and no token"],
    ["a number", config({ "b.example": { username: 1 } }), '"username" that is not a string'],
    ["entry a string", config({ "b.example": "hunter2" }), "the entry for b.example is not an object"],
  ])("%s", (_name, text, message) => {
    const error = caught(() => parseDockerConfig(text));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", message: expect.stringContaining(message) });
    expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain("hunter2");
  });
});

test("secrets are passwords and tokens in every form, not names nor what is short", () => {
  const text = config({
    "a.example": { username: "robert", password: "p ss&word" },
    "b.example": { auth: base64("robert:abc"), identitytoken: "refresh-token" },
  });
  expect([...secretsOf(parseDockerConfig(text))].sort()).toEqual(
    ["p ss&word", "p%20ss%26word", base64("robert:p ss&word"), base64("robert:abc"), "refresh-token"].sort(),
  );
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
