import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listTar } from "../testing/tar-listing.ts";

const HOLE = 65_536;

describe("readTar of what GNU tar writes", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-tar-"));
    const deep = join(folder, ...Array.from({ length: 12 }, (_, index) => `a-rather-long-folder-${index}`));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, "file"), "deep");
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff, 0xe9])]), "bytes");
    linkSync(join(deep, "file"), join(folder, "same"));
    symlinkSync("x".repeat(150), join(folder, "link"));
    // Two dozen pieces: more than a header of the old form has room for.
    const file = openSync(join(folder, "sparse"), "w");
    for (let piece = 1; piece <= 24; piece += 1) writeSync(file, `piece ${piece}`, piece * HOLE);
    closeSync(file);
    truncateSync(join(folder, "sparse"), 25 * HOLE);
    utimesSync(join(folder, "same"), 1_700_000_000.25, 1_700_000_000.25);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const archive = (...options: string[]) =>
    execFileSync("tar", ["--create", "--directory", folder, "--sort=name", ...options, "."], {
      maxBuffer: 128 * 1024 * 1024,
    });

  it.each([
    ["gnu", ["--format=gnu"], 1_700_000_000_000_000_000n],
    ["gnu, sparse", ["--format=gnu", "--sparse"], 1_700_000_000_000_000_000n],
    ["posix", ["--format=posix"], 1_700_000_000_250_000_000n],
    ["posix, sparse", ["--format=posix", "--sparse"], 1_700_000_000_250_000_000n],
  ])("reads the form %s", async (_name, options, mtime) => {
    const { entries, defects } = await listTar(archive(...options), 1_000_000);
    expect(defects).toEqual([]);
    const named = (end: string) => entries.find(({ name }) => name.endsWith(end));
    const deep = named("folder-11/file");
    expect(deep?.content.toString()).toBe("deep");
    expect(deep?.name.length).toBeGreaterThan(200);
    expect(named("/same")).toMatchObject({ type: "hardlink", linkName: deep?.name, mtime });
    expect(named("/link")?.linkName).toBe("x".repeat(150));
    expect(named("/f\xff\xe9")?.content.toString()).toBe("bytes");
    const sparse = named("/sparse");
    expect(sparse?.size).toBe(25 * HOLE);
    const expected = Buffer.alloc(25 * HOLE);
    for (let piece = 1; piece <= 24; piece += 1) expected.write(`piece ${piece}`, piece * HOLE);
    expect(hashOf(sparse?.content)).toBe(hashOf(expected));
  });

  it("tells of the sparse forms before 1.0, and reads none of them wrongly", async () => {
    for (const version of ["0.0", "0.1"]) {
      const { entries, defects } = await listTar(
        archive("--format=posix", "--sparse", `--sparse-version=${version}`),
      );
      expect(defects.map(({ rule }) => rule)).toEqual(["tar-sparse"]);
      expect(entries.some(({ name }) => name.endsWith("/sparse"))).toBe(false);
    }
  });
});

function hashOf(content: Buffer | undefined): string {
  return createHash("sha256")
    .update(content ?? "")
    .digest("hex");
}
