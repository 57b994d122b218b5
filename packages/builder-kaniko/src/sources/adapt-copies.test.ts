import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adaptCopies } from "./adapt-copies.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adapt-copies-"));
  writeFileSync(join(folder, "a.txt"), "a");
  const archive = execFileSync("tar", ["-C", folder, "-cf", "-", "a.txt"]);
  execFileSync("mkfifo", [join(folder, "fifo")]);
  const withFifo = execFileSync("tar", ["-C", folder, "-cf", "-", "fifo"]);
  rmSync(join(folder, "fifo"));
  const rename = "--transform=s,^,../,";
  const files: Record<string, string | Buffer> = {
    "fifo.tar": withFifo,
    "fifo.tgz": gzipSync(withFifo),
    "up.tar": execFileSync("tar", ["-C", folder, "-Pcf", "-", rename, "a.txt"]),
    "d/b.txt": "b",
    "d/etc/hosts": "h",
    "x.tar": archive,
    "x.tgz": gzipSync(archive),
    "note.gz": gzipSync("note"),
    "x.xz": Buffer.from("fd377a585a0000", "hex"),
    "x.zst": Buffer.from("28b52ffd00", "hex"),
    "ignored/c.txt": "c",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const links: Record<string, string> = {
    "link.txt": "a.txt",
    "folder-link": "d",
    "absolute.txt": "/d/b.txt",
    "absolute-folder": "/d",
    "archive-link": "x.tgz",
    "d/up": "../a.txt",
    out: "../../../../../../../etc/passwd",
    nothing: "no/where",
    circle: "circle",
    "to-ignored": "ignored/c.txt",
    chain: "folder-link/b.txt",
    "loop/in/circle": "../in/circle",
    "loop/absolute": "/loop/absolute",
    "loop/dangling": "no/where",
    "through-file/l": "../a.txt/x",
  };
  for (const path of Object.keys(links)) mkdirSync(dirname(join(folder, path)), { recursive: true });
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(folder, path));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines after FROM. */
async function adapt(instructions: string, from = "FROM scratch"): Promise<string> {
  const context = { folder, include: (path: string) => !path.startsWith("ignored") };
  return (await adaptCopies(`${from}\n${instructions}\n`, { context })).slice(from.length + 1, -1);
}

describe("adaptCopies", () => {
  it.each([
    "COPY a.txt /o/",
    "COPY d /o/",
    "COPY d/b* /o/e",
    "ADD x.tar x.tgz a.txt /o/",
    "ADD https://x.example/note.gz /o/",
    "COPY note.gz x.xz /o/",
    "COPY missing.txt /o/",
    "COPY a.txt/x /o/",
    "COPY folder-link/b.txt a.txt /o/",
    "COPY folder-link/b.txt /o/",
    "COPY --from=x link.txt /o/",
    "COPY d /etc/",
    "COPY a.txt /etc/hosts.d/",
    "COPY a.txt /tmp/",
    "COPY d /tmp/d/",
    "ADD x.tar /tmp/",
  ])("leaves %s as it is", async (instruction) => {
    expect(await adapt(instruction)).toBe(instruction);
  });

  it.each([
    ["COPY link.txt /o/", 'COPY ["/a.txt","/o/link.txt"]'],
    ["COPY link.txt /o/b.txt", 'COPY ["/a.txt","/o/b.txt"]'],
    ["copy --chown=1 link.txt .", 'copy --chown=1 ["/a.txt","./link.txt"]'],
    ["COPY absolute.txt /", 'COPY ["/d/b.txt","/absolute.txt"]'],
    ["COPY folder-link /o/", 'COPY ["/d","/o/"]'],
    ["COPY folder-link/ /o", 'COPY ["/d","/o"]'],
    ["COPY folder-link/up /o/", 'COPY ["/a.txt","/o/up"]'],
    ["COPY chain /o/", 'COPY ["/d/b.txt","/o/chain"]'],
    ["ADD archive-link /o/", 'ADD ["/x.tgz","/o/"]'],
    ["ARG L=link\nCOPY $L.txt $O/", 'ARG L=link\nCOPY ["/a.txt","$O/link.txt"]'],
    ["COPY link.txt \\\n  /o/\nRUN x", 'COPY ["/a.txt","/o/link.txt"]\n\nRUN x'],
    ["ADD x.tar rel/", 'ADD ["x.tar","/rel/"]'],
    ["WORKDIR /w\nADD --chown=1 x.tgz .", 'WORKDIR /w\nADD --chown=1 ["x.tgz","/w/"]'],
    ["ADD https://x.example/y a.txt rel", 'ADD ["https://x.example/y","a.txt","/rel"]'],
    ["ADD archive-link rel/", 'ADD ["/x.tgz","/rel/"]'],
    ["COPY ../a.txt /o/", 'COPY ["/a.txt","/o/"]'],
    ["COPY ../../d/*.txt a.txt /o/", 'COPY ["/d/*.txt","a.txt","/o/"]'],
    ["ARG U=..\nADD $U/$U/a.txt /o/", 'ARG U=..\nADD ["/a.txt","/o/"]'],
    ["ADD note.gz a.txt /o/", "COPY note.gz a.txt /o/"],
    ["ADD --chown=1:2 *.gz /o/", "COPY --chown=1:2 *.gz /o/"],
  ])("makes of %j: %j", async (instruction, expected) => {
    expect(await adapt(instruction)).toBe(expected);
  });

  it.each([
    ["COPY l*.txt /o/", /symbolic link in link.txt, which line 2/],
    ["COPY a.txt link.txt /o/", /symbolic link in link.txt/],
    ["COPY absolute-folder/b.txt a.txt /o/", /symbolic link in absolute-folder\/b.txt/],
    ["COPY folder-link/b.txt *.txt /o/", /symbolic link in folder-link\/b.txt/],
    ["COPY folder-link/*.txt /o/", /symbolic link in folder-link\/b.txt/],
    ["COPY a.txt /etc/hosts", /leaves \/etc\/hosts out of the image/],
    ["COPY d /", /leaves \/etc\/hosts out/],
    ["WORKDIR /etc\nCOPY d/etc/hosts .", /leaves \/etc\/hosts out.* line 3/],
    ["COPY loop /o/", /symbolic link loop\/in\/circle,/],
    ["COPY . /o/", /symbolic link circle/],
    ["COPY through-file /o/", /symbolic link through-file\/l,/],
    ["COPY d /tmp/", /mode of \/tmp/],
    ["WORKDIR /var\nADD d tmp", /mode of \/var\/tmp, which line 3/],
    ["ADD x.xz /o/", /does not unpack xz/],
    ["ADD a.txt *.zst /o/", /does not unpack zstd/],
    ["ADD fifo.tar /o/", /leaves out fifo of the archive that line 2/],
    ["ADD fifo.tgz /o/", /leaves out fifo of the archive/],
    ["ADD up.tar /o/", /puts elsewhere ..\/a.txt of the archive/],
    ["ADD note.gz x.tgz /o/", /no archive/],
    ["ADD note.gz https://x.example/y /o/", /no archive/],
  ])("refuses %j", async (instruction, message) => {
    await expect(adapt(instruction)).rejects.toMatchObject({
      code: "UNSUPPORTED_FEATURE",
      message: expect.stringMatching(message),
    });
  });

  it.each(["out", "nothing", "circle", "to-ignored"])("refuses the link %s, as Docker does", async (link) => {
    await expect(adapt(`COPY ${link} /o/`)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      details: { line: 2 },
    });
  });

  it("does not know the WORKDIR of a base image", async () => {
    expect(await adapt("COPY a.txt hosts", "FROM x")).toBe("COPY a.txt hosts");
    expect(await adapt("ADD a.txt x/", "FROM x")).toBe("ADD a.txt x/");
    expect(await adapt("ADD x.tar $HOME/", "FROM x")).toBe("ADD x.tar $HOME/");
    await expect(adapt("ADD x.tar x/", "FROM x")).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE" });
    expect(await adapt("COPY link.txt x/", "FROM x")).toBe('COPY ["/a.txt","x/link.txt"]');
  });
});
