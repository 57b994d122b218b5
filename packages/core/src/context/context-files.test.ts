import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contextFiles } from "./context-files.ts";
import { contextFingerprint } from "./context-fingerprint.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "context-"));
  await mkdir(join(root, "docker"));
  await writeFile(join(root, "a"), "1");
  await writeFile(join(root, "docker", "b"), "2");
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("contextFiles", () => {
  it("includes everything where there is no .dockerignore", async () => {
    const { include, ignoreFile } = await contextFiles(root, "Dockerfile");
    expect([include("a", false), include("docker", true), ignoreFile]).toEqual([true, true, undefined]);
  });

  it("prefers the file beside the Dockerfile", async () => {
    await writeFile(join(root, ".dockerignore"), "a\n");
    await writeFile(join(root, "docker", "Dockerfile.dockerignore"), "docker/b\n");
    const near = await contextFiles(root, "docker/Dockerfile");
    expect([near.include("a", false), near.include("docker/b", false)]).toEqual([true, false]);
    expect(near.ignoreFile).toBe("docker/Dockerfile.dockerignore");
    const far = await contextFiles(root, "Dockerfile");
    expect([far.include("a", false), far.include("docker/b", false), far.ignoreFile]).toEqual([
      false,
      true,
      ".dockerignore",
    ]);
  });

  it("looks inside an ignored folder only where an exception may apply", async () => {
    await writeFile(join(root, ".dockerignore"), "*\n!docker/b\n");
    const { include } = await contextFiles(root, "Dockerfile");
    expect([include("docker", true), include("other", true)]).toEqual(["inside", false]);
    expect([include("docker", false), include("docker/b", false), include("docker/c", false)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("refuses a .dockerignore that is not a file, without waiting", async () => {
    execFileSync("mkfifo", [join(root, ".dockerignore")]);
    await expect(contextFiles(root, "Dockerfile")).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await rm(join(root, ".dockerignore"));
    await mkdir(join(root, ".dockerignore"));
    await expect(contextFiles(root, "Dockerfile")).rejects.toThrow(/not a file/);
  });
});

describe("contextFingerprint", () => {
  const all = () => true;
  const fingerprint = (dockerfile = "Dockerfile", include: () => boolean = all) =>
    contextFingerprint(root, dockerfile, include);

  it("stays the same while nothing changes", async () => {
    await symlink("nowhere", join(root, "link"));
    expect(await fingerprint()).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint()).toBe(await fingerprint());
  });

  it("tells Dockerfiles apart", async () => {
    expect(await fingerprint("Dockerfile")).not.toBe(await fingerprint("other"));
  });

  it.each<[string, () => Promise<void>]>([
    ["a new file", () => writeFile(join(root, "c"), "")],
    ["new content", () => writeFile(join(root, "a"), "longer")],
    ["a mode", () => chmod(join(root, "a"), 0o711)],
    ["a name", () => rename(join(root, "a"), join(root, "c"))],
    ["a removed file", () => rm(join(root, "docker", "b"))],
    [
      "content of the same size with the old times",
      async () => {
        await rm(join(root, "a"));
        await writeFile(join(root, "a"), "2");
        await utimes(join(root, "a"), new Date(0), new Date(0));
      },
    ],
  ])("notices %s", async (_, change) => {
    await utimes(join(root, "a"), new Date(0), new Date(0));
    const before = await fingerprint();
    await change();
    expect(await fingerprint()).not.toBe(before);
  });

  it("notices a link that leads elsewhere, and follows none", async () => {
    await symlink("/", join(root, "link"));
    const before = await fingerprint();
    await rm(join(root, "link"));
    await symlink("/usr", join(root, "link"));
    expect(await fingerprint()).not.toBe(before);
  });

  it("leaves out what is not in the context", async () => {
    await writeFile(join(root, "docker", "c"), "");
    const include = (path: string) => path !== "docker/c";
    const before = await contextFingerprint(root, "Dockerfile", include);
    await writeFile(join(root, "docker", "c"), "changed");
    expect(await contextFingerprint(root, "Dockerfile", include)).toBe(before);
  });

  it("takes names that are not text", async () => {
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), "");
    expect(await fingerprint()).toMatch(/^[0-9a-f]{64}$/);
  });

  it("refuses a folder that is not there", async () => {
    await expect(contextFingerprint(join(root, "none"), "Dockerfile", all)).rejects.toMatchObject({
      code: "CONTEXT_UNAVAILABLE",
    });
  });
});
