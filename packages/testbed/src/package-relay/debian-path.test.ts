import { describe, expect, it } from "vitest";
import { debianFile } from "./debian-path.ts";

describe("debianFile", () => {
  it.each([
    ["deb.debian.org", "/debian/dists/trixie/InRelease", false],
    ["security.debian.org", "/debian-security/dists/trixie-security/InRelease", false],
    ["deb.debian.org", "/debian/dists/trixie/main/binary-amd64/by-hash/SHA256/0a1b", true],
    ["deb.debian.org", "/debian/pool/main/n/nodejs/nodejs_20.19.2%2bdfsg-1_amd64.deb", true],
  ])("takes a file of %s: %s", (host, path, lasting) => {
    expect(debianFile(host, path)).toEqual({ url: `http://${host}${path}`, lasting });
  });

  it.each([
    ["another host", "example.com", "/debian/dists/trixie/InRelease"],
    ["no host", undefined, "/debian/dists/trixie/InRelease"],
    ["another archive", "deb.debian.org", "/debian-ports/dists/sid/InRelease"],
    ["a folder above", "deb.debian.org", "/debian/../etc/passwd"],
    ["a whole address", "deb.debian.org", "http://example.com/debian/x"],
    ["a query", "deb.debian.org", "/debian/x?y=1"],
  ])("refuses %s", (_, host, path) => {
    expect(debianFile(host, path)).toBeUndefined();
  });
});
