import { describe, expect, it } from "vitest";
import {
  extensionEntry,
  makeTar,
  paxRecords,
  TAR_END,
  tarEntry,
  tarHeader,
  withSum,
} from "../testing/make-tar.ts";
import { inChunks, listTar } from "../testing/tar-listing.ts";
import { readTar } from "./read-tar.ts";

const FILE = tarEntry({ name: "a", content: "hello" });

function edited(header: Buffer, at: number, bytes: string | Buffer): Buffer {
  Buffer.from(bytes).copy(header, at);
  return withSum(header);
}

describe("readTar of a malformed archive", () => {
  it.each([
    ["nothing", Buffer.alloc(0), ["tar-no-end"]],
    ["no archive", Buffer.from("x".repeat(2000)), ["tar-checksum"]],
    ["a header cut", FILE.subarray(0, 300), ["tar-truncated"]],
    ["content cut", FILE.subarray(0, 514), ["tar-truncated"]],
    ["padding cut", FILE.subarray(0, 1000), ["tar-truncated"]],
    ["no end", FILE, ["tar-no-end"]],
    ["half an end", Buffer.concat([FILE, Buffer.alloc(512)]), ["tar-no-end"]],
    ["an entry after one empty block", Buffer.concat([FILE, Buffer.alloc(512), FILE]), ["tar-garbage"]],
    ["something after the end", Buffer.concat([makeTar([]), Buffer.from("x")]), ["tar-garbage"]],
    [
      "a sum that is wrong",
      Buffer.concat([FILE.subarray(0, 10), Buffer.from("!"), FILE.subarray(11)]),
      ["tar-checksum"],
    ],
    ["a size that is none", edited(tarHeader({ name: "a" }, 0), 124, "zzz"), ["tar-size"]],
    ["a negative size", edited(tarHeader({ name: "a" }, 0), 124, Buffer.alloc(12, 255)), ["tar-size"]],
    [
      "a size beyond numbers",
      edited(tarHeader({ name: "a" }, 0), 124, Buffer.from("807fffffffffffffffffffff", "hex")),
      ["tar-size"],
    ],
    [
      "an owner that is none",
      Buffer.concat([edited(tarHeader({ name: "a" }, 0), 108, "12a"), TAR_END]),
      ["tar-number"],
    ],
    [
      "a negative owner",
      Buffer.concat([edited(tarHeader({ name: "a" }, 0), 108, Buffer.alloc(8, 255)), TAR_END]),
      ["tar-number"],
    ],
    [
      "a type of its own",
      Buffer.concat([tarHeader({ name: "a" }, 0, "pax", "Z"), TAR_END]),
      ["tar-unknown-type"],
    ],
    [
      "records without length",
      Buffer.concat([extensionEntry("x", Buffer.from("path=a\n")), FILE]),
      ["tar-extended-header"],
    ],
    [
      "a record that is too long",
      Buffer.concat([extensionEntry("x", Buffer.from("99 path=a\n")), FILE]),
      ["tar-extended-header"],
    ],
    [
      "a record without end of line",
      Buffer.concat([extensionEntry("x", Buffer.from("9 path=ab")), FILE]),
      ["tar-extended-header"],
    ],
    ["an extended header of 2 MiB", tarHeader({ name: "x" }, 2 ** 21, "pax", "x"), ["tar-extended-header"]],
    [
      "an extended header of nothing",
      Buffer.concat([extensionEntry("x", paxRecords([["path", "b"]])), TAR_END]),
      ["tar-extended-header"],
    ],
    [
      "a PAX size that is none",
      Buffer.concat([extensionEntry("x", paxRecords([["size", "-5"]])), FILE, TAR_END]),
      ["tar-number"],
    ],
    [
      "a sparse file of an old form",
      Buffer.concat([extensionEntry("x", paxRecords([["GNU.sparse.map", "0,1"]])), FILE]),
      ["tar-sparse"],
    ],
    [
      "a sparse map of nonsense",
      Buffer.concat([
        extensionEntry(
          "x",
          paxRecords([
            ["GNU.sparse.major", "1"],
            ["GNU.sparse.minor", "0"],
            ["GNU.sparse.realsize", "9"],
          ]),
        ),
        tarEntry({ name: "a", content: "2\n5\n5\n" }),
      ]),
      ["tar-sparse"],
    ],
  ] as const)("tells of %s", async (_what, archive, rules) => {
    for (const size of [1, 512, 100_000]) {
      const { defects } = await listTar(archive, size);
      expect(defects.map(({ rule }) => rule)).toEqual(rules);
    }
  });

  it("reads the source to its end in spite of it", async () => {
    let read = 0;
    async function* source() {
      for await (const chunk of inChunks(Buffer.alloc(100_000, 1), 1000)) {
        read += chunk.length;
        yield chunk;
      }
    }
    const nobody = () => undefined;
    await readTar(source(), { entry: nobody, content: nobody, end: nobody, defect: nobody });
    expect(read).toBe(100_000);
  });

  it("stops where the sink throws, and tells the source", async () => {
    let closed = false;
    async function* source() {
      try {
        yield makeTar([{ name: "a" }, { name: "b" }]);
      } finally {
        closed = true;
      }
    }
    const nobody = () => undefined;
    const entry = () => {
      throw new Error("enough");
    };
    await expect(readTar(source(), { entry, content: nobody, end: nobody, defect: nobody })).rejects.toThrow(
      "enough",
    );
    expect(closed).toBe(true);
  });
});

describe("readTar of anything", () => {
  // A linear congruential generator: the same archives each time.
  function generator(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
  }

  const sound = Buffer.concat([
    tarEntry({
      name: `${"deep/".repeat(30)}file`,
      content: "hello",
      xattrs: { "user.a": Buffer.from([255, 0]) },
    }),
    tarEntry({ name: `${"gnu/".repeat(30)}file`, content: Buffer.alloc(700, 3), uid: 2 ** 31 }, "gnu"),
    tarEntry({ name: "link", type: "symlink", linkName: "x".repeat(200) }),
    extensionEntry(
      "x",
      paxRecords([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.realsize", "9"],
      ]),
    ),
    tarEntry({
      name: "sparse",
      content: Buffer.concat([Buffer.from("1\n4\n5\n".padEnd(512, "\0")), Buffer.from("hello")]),
    }),
    tarHeader({ name: "old-sparse" }, 0, "gnu", "S"),
    TAR_END,
  ]);

  it("ends, with entries and defects, whatever bytes are changed, cut out or put in", async () => {
    const random = generator(20_260_101);
    const budget = 4_000_000;
    for (let round = 0; round < 2000; round += 1) {
      const archive = mutated(sound, random);
      let bytes = 0;
      const outcome = await readTar(inChunks(archive, 1 + random(1500)), {
        entry: ({ name, size, xattrs }) => {
          expect(typeof name).toBe("string");
          expect(size).toBeGreaterThanOrEqual(0);
          expect(xattrs).toBeInstanceOf(Map);
        },
        content: (piece) => {
          bytes += piece.length;
          // The holes of a sparse file may be as large as they like: whoever reads sets the limit.
          if (bytes > budget) throw new RangeError("too much");
        },
        end: () => undefined,
        defect: ({ rule }) => expect(rule).toMatch(/^tar-/),
      }).then(
        () => "read",
        (error: unknown) => error,
      );
      if (outcome !== "read") expect(outcome).toBeInstanceOf(RangeError);
    }
  });

  function mutated(archive: Buffer, random: (below: number) => number): Buffer {
    let bytes = Buffer.from(archive);
    for (let count = 1 + random(6); count > 0; count -= 1) {
      const at = random(bytes.length);
      const kind = random(5);
      if (kind === 0) bytes = bytes.subarray(0, at);
      else if (kind === 1)
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(600))]);
      else if (kind === 2)
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.alloc(random(600), random(256)),
          bytes.subarray(at),
        ]);
      else bytes.writeUInt8(random(256), at);
      if (bytes.length === 0) return bytes;
      // Most changes would otherwise end at the sum of the first header.
      if (random(2) === 0) repairSums(bytes);
    }
    return bytes;
  }

  function repairSums(bytes: Buffer): void {
    for (let at = 0; at + 512 <= bytes.length; at += 512)
      if (bytes.toString("latin1", at + 257, at + 262) === "ustar") withSum(bytes.subarray(at, at + 512));
  }
});
