import { execFile } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contextDigest } from "./context-digest.ts";
import type { CorpusCase, RecipeEntry } from "./corpus-case.ts";
import { materialiseContext } from "./materialise-context.ts";

const PINNED = Date.parse("2024-01-02T03:04:05Z");
const root = process.getuid?.() === 0;
const run = promisify(execFile);

let scratch: string;
let context: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "slipway-case-"));
  context = join(scratch, "made");
  await mkdir(join(scratch, "case/context/app"), { recursive: true });
  await mkdir(context);
  await writeFile(join(scratch, "case/Dockerfile"), "FROM scratch\n");
  await writeFile(join(scratch, "case/context/app/plain"), "plain", { mode: 0o600 });
  await writeFile(join(scratch, "case/context/app/tool"), "tool", { mode: 0o700 });
});
afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

describe("materialiseContext", () => {
  it("pins modes and times of everything, the folder itself included", async () => {
    await make([{ path: "link", type: "symlink", target: "nowhere" }]);
    expect(await modeOf("app")).toBe("755");
    expect(await modeOf("app/plain")).toBe("644");
    expect(await modeOf("app/tool")).toBe("755");
    expect(await modeOf("Dockerfile")).toBe("644");
    for (const path of [".", "app", "app/plain", "app/tool", "Dockerfile", "link"]) {
      expect((await lstat(join(context, path))).mtimeMs).toBe(PINNED);
    }
  });

  it("makes what git cannot store", async () => {
    await make([
      { path: "deep/suid", type: "file", text: "s", mode: "4755", mtime: "2020-02-02T02:02:02Z" },
      { path: "deep/same", type: "hardlink", target: "deep/suid" },
      { path: "closed", type: "folder", mode: "0500" },
      { path: "pipe", type: "fifo", mode: "0600" },
      { path: "link", type: "symlink", target: "../out" },
      { path: "big", type: "file", sizeBytes: 100_000 },
      { path: "app/plain", type: "file", mode: "0400" },
      { pathBase64: Buffer.from([0x6e, 0xff]).toString("base64"), type: "file", text: "odd" },
    ]);
    const suid = await lstat(join(context, "deep/suid"));
    expect([await modeOf("deep/suid"), suid.mtimeMs]).toEqual(["4755", Date.parse("2020-02-02T02:02:02Z")]);
    expect((await lstat(join(context, "deep/same"))).ino).toBe(suid.ino);
    expect([await modeOf("closed"), await modeOf("pipe"), await modeOf("app/plain")]).toEqual([
      "500",
      "600",
      "400",
    ]);
    expect((await lstat(join(context, "pipe"))).isFIFO()).toBe(true);
    expect(await readlink(join(context, "link"))).toBe("../out");
    expect((await lstat(join(context, "big"))).size).toBe(100_000);
    expect(await readFile(join(context, "app/plain"), "utf8")).toBe("plain");
    expect((await readdir(context, { encoding: "buffer" })).map(String)).toContain("n\uFFFD");
  });

  it.runIf(root)("gives files to others", async () => {
    await make([{ path: "app/plain", type: "file", owner: "12:34", mode: "6755" }]);
    const { uid, gid } = await lstat(join(context, "app/plain"));
    expect([uid, gid, await modeOf("app/plain")]).toEqual([12, 34, "6755"]);
  });

  it("puts the Dockerfile where the case says, through a link too", async () => {
    const recipe: RecipeEntry[] = [
      { path: "real", type: "folder" },
      { path: "link", type: "symlink", target: "real/file" },
    ];
    await make(recipe, "link");
    expect(await readFile(join(context, "real/file"), "utf8")).toBe("FROM scratch\n");
    expect((await lstat(join(context, "link"))).isSymbolicLink()).toBe(true);
  });

  it("tells of a file that has attributes and no content", async () => {
    await expect(make([{ path: "none", type: "file", mode: "0600" }])).rejects.toThrow(
      "metadata/one/case.yaml: the recipe gives none no content",
    );
  });

  it("makes a context that hashes to the same, and to another when a mode changes", async () => {
    const digests = [];
    for (const mode of ["0644", "0644", "0600"]) {
      await rm(context, { recursive: true, force: true });
      await mkdir(context);
      await make([{ path: "file", type: "file", text: "x", mode }]);
      digests.push(
        await contextDigest({ context: { kind: "directory", path: context }, dockerfile: "Dockerfile" }),
      );
    }
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });
});

describe("an archive of a recipe", () => {
  it.each(["none", "gzip", "bzip2", "xz", "zstd"] as const)(
    "says to GNU tar what the recipe says (%s)",
    async (compression) => {
      await make([
        {
          path: "a",
          type: "tar",
          compression,
          entries: [
            { path: "d", type: "folder", mode: "1777" },
            { path: "d/f", type: "file", text: "hello", mode: "4755", owner: "99:98" },
            { path: "d/none", type: "file", text: "", mode: "0000" },
            { path: "./l", type: "symlink", target: "d/f", owner: "7:7" },
            { path: "h", type: "hardlink", target: "d/f" },
            { path: "p", type: "fifo" },
            { path: "n", type: "chardev", device: "1:3", mtime: "2001-01-01T01:01:01Z" },
          ],
        },
      ]);
      const { stdout } = await run("tar", ["--numeric-owner", "--utc", "-tvf", join(context, "a")]);
      expect(
        stdout
          .trim()
          .split("\n")
          .map((line) => line.replace(/ +/g, " ")),
      ).toEqual([
        "drwxrwxrwt 0/0 0 2024-01-02 03:04 d",
        "-rwsr-xr-x 99/98 5 2024-01-02 03:04 d/f",
        "---------- 0/0 0 2024-01-02 03:04 d/none",
        "lrw-r--r-- 7/7 0 2024-01-02 03:04 ./l -> d/f",
        "hrw-r--r-- 0/0 0 2024-01-02 03:04 h link to d/f",
        "prw-r--r-- 0/0 0 2024-01-02 03:04 p",
        "crw-r--r-- 0/0 1,3 2001-01-01 01:01 n",
      ]);
    },
  );

  it("holds extended attributes", async () => {
    const xattrs = { "user.note": Buffer.from("a\0b").toString("base64") };
    await make([{ path: "a", type: "tar", entries: [{ path: "f", type: "file", text: "x", xattrs }] }]);
    expect((await readFile(join(context, "a"))).includes(" SCHILY.xattr.user.note=a\0b\n")).toBe(true);
  });
});

async function make(recipe: readonly RecipeEntry[], dockerfile = "Dockerfile"): Promise<void> {
  const one: CorpusCase = {
    id: "one",
    group: "metadata",
    title: "",
    spec: "",
    base: "scratch",
    features: [],
    build: { dockerfile },
    recipe,
    expect: { layers: 1 },
    folder: join(scratch, "case"),
  };
  await materialiseContext(one, context);
}

async function modeOf(path: string): Promise<string> {
  return ((await lstat(join(context, path))).mode & 0o7777).toString(8);
}
