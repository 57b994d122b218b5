import { describe, expect, it } from "vitest";
import {
  extensionEntry,
  makeTar,
  padded,
  paxRecords,
  TAR_END,
  TEST_MTIME,
  tarEntry,
  tarHeader,
  withSum,
} from "../testing/make-tar.ts";
import { listTar } from "../testing/tar-listing.ts";
import { readTar } from "./read-tar.ts";

const LONG = `folder/${"long-".repeat(40)}name`;

describe("readTar", () => {
  it.each([1, 7, 511, 512, 513, 100_000])(
    "reads an archive that comes in chunks of %i bytes",
    async (size) => {
      const archive = makeTar([
        { name: "etc/", type: "folder", mode: 0o1777 },
        { name: "etc/a", content: "hello", mode: 0o4755, uid: 1000, gid: 2000 },
        { name: "etc/empty" },
        { name: "etc/block", content: Buffer.alloc(512, 1) },
        { name: "etc/b", type: "hardlink", linkName: "etc/a" },
        { name: "etc/c", type: "symlink", linkName: "../usr/a" },
        { name: "dev/null", type: "chardev", devMajor: 1, devMinor: 3 },
        { name: "dev/sda", type: "blockdev", devMajor: 8, devMinor: 0 },
        { name: "pipe", type: "fifo" },
      ]);
      const { entries, defects } = await listTar(archive, size);
      expect(defects).toEqual([]);
      expect(entries.map(({ name, type, content }) => [name, type, content.length])).toEqual([
        ["etc/", "folder", 0],
        ["etc/a", "file", 5],
        ["etc/empty", "file", 0],
        ["etc/block", "file", 512],
        ["etc/b", "hardlink", 0],
        ["etc/c", "symlink", 0],
        ["dev/null", "chardev", 0],
        ["dev/sda", "blockdev", 0],
        ["pipe", "fifo", 0],
      ]);
      expect(entries.every(({ whole }) => whole)).toBe(true);
      expect(entries[1]).toMatchObject({
        mode: 0o4755,
        uid: 1000,
        gid: 2000,
        mtime: TEST_MTIME,
        linkName: "",
      });
      expect(entries[5]?.linkName).toBe("../usr/a");
      expect(entries[6]).toMatchObject({ devMajor: 1, devMinor: 3 });
    },
  );

  it("keeps names, link targets and attributes that are no UTF-8 as the bytes they are", async () => {
    const name = "caf\xe9/\xff\xfe";
    const value = Buffer.from([0, 0x80, 0xff, 0x0a, 0x3d]);
    const { entries } = await listTar(
      makeTar([
        { name, xattrs: { "security.capability": value, "user.\xe9": Buffer.from("x") } },
        { name: "link", type: "symlink", linkName: name },
      ]),
    );
    expect(entries[0]?.name).toBe(name);
    expect(entries[0]?.xattrs.get("security.capability")).toEqual(value);
    expect([...(entries[0]?.xattrs.keys() ?? [])]).toContain("user.\xe9");
    expect(entries[1]?.linkName).toBe(name);
  });

  it.each(["pax", "gnu"] as const)(
    "reads what does not fit into a header, in the form %s",
    async (format) => {
      const entry = { name: LONG, uid: 3_000_000, gid: 2 ** 31, content: "x" };
      const link = { name: "link", type: "symlink", linkName: LONG } as const;
      const { entries, defects } = await listTar(makeTar([entry, link], format));
      expect(defects).toEqual([]);
      expect(entries[0]).toMatchObject({ name: LONG, uid: 3_000_000, gid: 2 ** 31 });
      expect(entries[1]).toMatchObject({ name: "link", linkName: LONG });
    },
  );

  it("reads times before 1970 and fractions of any length", async () => {
    const records = (mtime: string) =>
      Buffer.concat([extensionEntry("x", paxRecords([["mtime", mtime]])), tarEntry({ name: "a" })]);
    const times = ["1.5", "1704164645.123456789123", "-1.25", "7."];
    const { entries } = await listTar(Buffer.concat([...times.map(records), TAR_END]));
    expect(entries.map(({ mtime }) => mtime)).toEqual([
      1_500_000_000n,
      1_704_164_645_123_456_789n,
      -1_250_000_000n,
      7_000_000_000n,
    ]);
  });

  it("joins the prefix of a POSIX header, and takes that of a GNU header for something else", async () => {
    const header = (format: "pax" | "gnu") => {
      const block = tarHeader({ name: "name" }, 0, format);
      block.write("prefix", 345, "latin1");
      return withSum(block);
    };
    const { entries } = await listTar(Buffer.concat([header("pax"), header("gnu"), TAR_END]));
    expect(entries.map(({ name }) => name)).toEqual(["prefix/name", "name"]);
  });

  it("reads headers of old archives: no magic, NUL for files, a slash for folders, blanks around numbers", async () => {
    const block = (name: string) => {
      const header = tarHeader({ name }, 0, "pax", "\0");
      header.fill(0, 257, 345);
      header.write("   644 \0", 100, "latin1");
      return withSum(header);
    };
    const { entries, defects } = await listTar(Buffer.concat([block("file"), block("folder/"), TAR_END]));
    expect(defects).toEqual([]);
    expect(entries.map(({ type, mode }) => [type, mode])).toEqual([
      ["file", 0o644],
      ["folder", 0o644],
    ]);
  });

  it("takes the last of two records of a key, and an empty one for none", async () => {
    const records = paxRecords([
      ["path", "first"],
      ["path", "second"],
      ["uid", ""],
    ]);
    const { entries } = await listTar(
      Buffer.concat([extensionEntry("x", records), tarEntry({ name: "header", uid: 5 }), TAR_END]),
    );
    expect(entries[0]).toMatchObject({ name: "second", uid: 5 });
  });

  it("takes no content from a link, folder or device, whatever size they say", async () => {
    const link = tarHeader({ name: "b", type: "hardlink", linkName: "a" }, 5000);
    const { entries, defects } = await listTar(Buffer.concat([link, tarEntry({ name: "c" }), TAR_END]));
    expect(defects).toEqual([]);
    expect(entries.map(({ name, size }) => [name, size])).toEqual([
      ["b", 0],
      ["c", 0],
    ]);
  });

  it("lets a global header say nothing of entries, as unpackers of images do, and tells", async () => {
    const comment = extensionEntry("g", paxRecords([["comment", "a commit"]]));
    const owner = extensionEntry("g", paxRecords([["uid", "7"]]));
    const entry = tarEntry({ name: "a", uid: 1 });
    expect((await listTar(Buffer.concat([comment, entry, TAR_END]))).defects).toEqual([]);
    const { entries, defects } = await listTar(Buffer.concat([owner, entry, TAR_END]));
    expect(entries[0]?.uid).toBe(1);
    expect(defects.map(({ rule }) => rule)).toEqual(["tar-global-header"]);
  });

  it("holds no more of a large file than a chunk", async () => {
    const header = tarHeader({ name: "large" }, 1e9);
    const chunk = Buffer.alloc(1_000_000, 7);
    let chunks = 0;
    async function* source() {
      yield header;
      for (; chunks < 1000; chunks += 1) yield chunk;
      yield padded(Buffer.alloc(0));
      yield Buffer.alloc((512 - (1e9 % 512)) % 512);
      yield TAR_END;
    }
    const before = process.memoryUsage().arrayBuffers;
    let largest = 0;
    let bytes = 0;
    const defects: unknown[] = [];
    await readTar(source(), {
      entry: () => undefined,
      content: (piece) => {
        bytes += piece.length;
        largest = Math.max(largest, process.memoryUsage().arrayBuffers - before);
      },
      end: () => undefined,
      defect: (defect) => defects.push(defect),
    });
    expect({ bytes, defects }).toEqual({ bytes: 1e9, defects: [] });
    expect(largest).toBeLessThan(4_000_000);
  });
});
