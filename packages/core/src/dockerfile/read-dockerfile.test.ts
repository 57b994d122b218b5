import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDockerfile } from "./read-dockerfile.ts";

describe("readDockerfile", () => {
  let base = "";
  let root = "";
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "dockerfile-"));
    root = join(base, "action");
    await mkdir(join(root, "sub"), { recursive: true });
    await writeFile(join(base, "secret"), "FROM a\n");
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const read = (path: string) => readDockerfile(path, { allowedRoots: [root] });
  const at = async (content: string | Buffer): Promise<string> => {
    const path = join(root, "Dockerfile");
    await writeFile(path, content);
    return path;
  };

  it.each([
    ["plain", "FROM a\n"],
    ["with a byte order mark and CRLF", "\uFEFFFROM a\r\n# ü\r\n"],
    ["of exactly 1 MiB", `FROM a\n${"#".repeat(1024 * 1024 - 7)}`],
  ])("reads a file %s", async (_, content) => {
    expect(await read(await at(content))).toEqual({ path: join(root, "Dockerfile"), text: content });
  });

  it.each([
    ["empty", "", /is empty/],
    ["blank", "\uFEFF \n\t\n", /is empty/],
    ["of comments only", "# a\n  # b\n", /comments only/],
    ["with NUL bytes", "FROM a\0\n", /binary/],
    ["not in UTF-8", Buffer.from([0x46, 0xff, 0x0a]), /not text in UTF-8/],
    ["over 1 MiB", "x".repeat(1024 * 1024 + 1), /1 MiB/],
  ])("refuses a file %s", async (_, content, message) => {
    await expect(read(await at(content))).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\w/),
    });
  });

  it.each([
    ["https://example.com/Dockerfile", /is a URL/],
    ["Dockerfile", /not an absolute path/],
    ["", /not a path/],
    ["/x\0y", /not a path/],
  ])("refuses the path %j", async (path, message) => {
    await expect(read(path)).rejects.toThrow(message);
  });

  it("refuses what is missing, a directory, or below a file", async () => {
    await expect(read(join(root, "Dockerfile"))).rejects.toThrow(/does not exist/);
    await expect(read(join(root, "sub"))).rejects.toThrow(/is a directory/);
    await expect(read(join(await at("FROM a\n"), "x"))).rejects.toThrow(/does not exist/);
  });

  it("refuses a FIFO and a socket without waiting for anybody", async () => {
    const fifo = join(root, "fifo");
    execFileSync("mkfifo", [fifo]);
    await expect(read(fifo)).rejects.toThrow(/is a FIFO/);
    await symlink(fifo, join(root, "link"));
    await expect(read(join(root, "link"))).rejects.toThrow(/is a FIFO/);
    const socket = join(root, "socket");
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(read(socket)).rejects.toThrow(/is a socket/);
    await new Promise((resolve) => server.close(resolve));
  });

  it("follows links inside the folder, and none out of it", async () => {
    await at("FROM a\n");
    await symlink("../Dockerfile", join(root, "sub", "inside"));
    expect(await read(join(root, "sub", "inside"))).toHaveProperty("path", join(root, "Dockerfile"));
    await symlink(join(base, "secret"), join(root, "out"));
    await expect(read(join(root, "out"))).rejects.toThrow(/leads to .*secret, outside/);
    await symlink(base, join(root, "up"));
    await expect(read(join(root, "up", "secret"))).rejects.toThrow(/outside/);
    await symlink("loop", join(root, "loop"));
    await expect(read(join(root, "loop"))).rejects.toThrow(/circles/);
  });

  it("refuses a path out of the folder, whether or not something is there", async () => {
    await expect(read(`${root}/../secret`)).rejects.toThrow(/outside/);
    await expect(read(`${root}/../missing`)).rejects.toThrow(/outside/);
    await expect(read(root)).rejects.toThrow(/outside/);
    await mkdir(`${root}-2`);
    await writeFile(`${root}-2/Dockerfile`, "FROM a\n");
    await expect(read(`${root}-2/Dockerfile`)).rejects.toThrow(/outside/);
  });

  it("takes a root that is a link itself", async () => {
    await at("FROM a\n");
    await symlink(root, join(base, "alias"));
    const path = join(base, "alias", "Dockerfile");
    expect(await readDockerfile(path, { allowedRoots: [join(base, "alias")] })).toHaveProperty(
      "text",
      "FROM a\n",
    );
    expect(
      await readDockerfile(join(root, "Dockerfile"), { allowedRoots: [join(base, "alias")] }),
    ).toHaveProperty("text");
  });
});
