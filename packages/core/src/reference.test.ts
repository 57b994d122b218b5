import { describe, expect, it } from "vitest";
import { formatReference, parseDestination, parseReference, pinned } from "./reference.ts";

const digest = `sha256:${"a".repeat(64)}` as const;

describe("parseReference", () => {
  it.each([
    ["busybox", "docker.io/library/busybox"],
    ["busybox:1.36", "docker.io/library/busybox:1.36"],
    ["docker.io/busybox", "docker.io/library/busybox"],
    ["index.docker.io/a/b:T", "docker.io/a/b:T"],
    ["a/b", "docker.io/a/b"],
    ["registry/app:1", "docker.io/registry/app:1"],
    ["localhost/app", "localhost/app"],
    ["localhost:5000/app:1", "localhost:5000/app:1"],
    ["registry.ns.svc:5000/a/b/c:v1", "registry.ns.svc:5000/a/b/c:v1"],
    ["[::1]:5000/a", "[::1]:5000/a"],
    ["HOST/a", "HOST/a"],
    [`ghcr.io/a/b@${digest}`, `ghcr.io/a/b@${digest}`],
    [`ghcr.io/a/b:1@${digest}`, `ghcr.io/a/b:1@${digest}`],
    ["a__b/c---d.e_f", "docker.io/a__b/c---d.e_f"],
    [`a.b/${"x".repeat(255)}`, `a.b/${"x".repeat(255)}`],
    [`${"0".repeat(64)}:1`, `docker.io/library/${"0".repeat(64)}:1`],
    [`a.b/c:${"x".repeat(128)}`, `a.b/c:${"x".repeat(128)}`],
  ])("reads %s as %s", (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
    expect(parseReference(full)).toEqual(parseReference(text));
  });

  it.each([
    ["", /no repository/],
    ["a.b/", /no repository/],
    ["a.b/Upper/x", /upper-case/, "Write upper/x"],
    ["Upper", /upper-case/],
    ["a..b/c", /"a..b" is not a registry/],
    ["a.b:65536/c", /port of "a.b:65536" is above 65535/],
    ["a.b/c//d", /"" is not a legal part/],
    ["a.b/-c", /"-c"/],
    ["a.b/c___d", /"c___d"/],
    ["a.b/c:", /"" is not a legal tag/],
    ["a.b/c:-x", /"-x" is not a legal tag/],
    [`a.b/c:${"x".repeat(129)}`, /128/],
    [`a.b/${"x".repeat(256)}`, /255/],
    ["a.b/c@sha256:12", /digest/],
    ["http://a.b/c", /is not a/],
    ["a b", /"a b"/],
    ["a.b/c\n", /legal/],
    [`${"0".repeat(64)}`, /hexadecimal/],
  ])("refuses %j", (text, cause, cure?: string) => {
    const error = thrownBy(() => parseReference(text));
    expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringMatching(cause) });
    expect(error).toHaveProperty("remedy", cure ?? expect.stringMatching(/\w/));
  });
});

describe("parseDestination", () => {
  it("takes a registry and a tag", () => {
    expect(parseDestination("r:5000/a:1")).toEqual({ registry: "r:5000", repository: "a", tag: "1" });
  });

  it.each([
    ["r:5000/a", /no tag/],
    [`r:5000/a@${digest}`, /digest/],
    ["registry/app:1", /no registry/],
    ["app:1", /no registry/],
  ])("refuses %s", (text, cause) => {
    expect(() => parseDestination(text)).toThrow(cause);
  });
});

describe("pinned", () => {
  it("replaces the tag, and leaves the port alone", () => {
    expect(pinned("r:5000/a:1", digest)).toBe(`r:5000/a@${digest}`);
    expect(pinned("r:5000/a", digest)).toBe(`r:5000/a@${digest}`);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
