import { inspectImage } from "@slipway/registry/image";
import { makeImage, type TestEntry } from "@slipway/registry/testing";
import { describe, expect, it } from "vitest";
import type { ImageFactsWanted } from "../corpus/corpus-case.ts";
import { BASE_LAYER, CAPABILITY, OWN_LAYER, SUBJECT } from "../testing/mutation-subject.ts";
import { checkFacts } from "./check-facts.ts";

const image = await inspectImage(makeImage(SUBJECT));
const base = await inspectImage(makeImage({ layers: [BASE_LAYER] }));
const CHANGED = [
  "/app/tool",
  "/app/tool-2",
  "/app/empty",
  "/app/now",
  "/app/pipe",
  "/app/caf\\xe9",
  "/app/built",
  "/app/same-as-built",
  "/etc/gone",
  "/old/a",
  "/old/b",
  "/old/c",
];

function idsOf(wanted: ImageFactsWanted): string[] {
  return checkFacts(wanted, image, base).map(({ id }) => id);
}

describe("checkFacts", () => {
  it("finds nothing where every fact is so", () => {
    const wanted: ImageFactsWanted = {
      config: {
        Env: ["PATH=/bin", "A=1", "B=2"],
        Labels: { b: "2", a: "1" },
        ExposedPorts: { "80/tcp": {}, "53/udp": {} },
        MacAddress: null,
        architecture: "amd64",
        author: "someone",
      },
      files: {
        "/app": { type: "folder", mode: "0755", owner: "1000:1000" },
        "/app/tool": { mode: "4755", text: "tool of seven", sizeBytes: 13, sameFileAs: "/app/tool-2" },
        "/app/now": { target: "releases/1" },
        "/app/caf\\xe9": { base64: "bGF0aW4x", mtime: "2024-01-02T03:04:05Z" },
        "/bin/ping": {
          xattrs: { "security.capability": CAPABILITY.toString("base64"), "user.note": "bg==" },
        },
        "/bin/sh": { xattrs: {} },
        "/etc/gone": null,
      },
      changed: CHANGED,
      layers: 1,
    };
    expect(checkFacts(wanted, image, base)).toEqual([]);
  });

  it.each<[string, ImageFactsWanted, readonly string[]]>([
    ["a variable", { config: { Env: ["PATH=/bin", "A=2", "B=2"] } }, ["config:Env.A"]],
    ["no labels", { config: { Labels: null } }, ["config:Labels.a", "config:Labels.b"]],
    ["a field that is absent", { config: { Domainname: "x" } }, ["config:Domainname"]],
    ["the architecture", { config: { architecture: "arm64" } }, ["config:architecture"]],
    ["a file that is not there", { files: { "/none": { text: "" } } }, ["missing:/none"]],
    ["a file that should not be there", { files: { "/bin/sh": null } }, ["extra:/bin/sh"]],
    [
      "a type, and nothing of what depends on it",
      { files: { "/app": { text: "x", mode: "0644" } } },
      ["type:/app"],
    ],
    ["the mode", { files: { "/app/tool": { mode: "0755" } } }, ["mode:/app/tool"]],
    ["the owner", { files: { "/app/tool": { owner: "0:0" } } }, ["owner:/app/tool"]],
    ["the text", { files: { "/app/tool": { text: "other of nine" } } }, ["content:/app/tool"]],
    ["the hash", { files: { "/app/tool": { sha256: "0".repeat(64) } } }, ["content:/app/tool"]],
    ["the size", { files: { "/app/tool": { sizeBytes: 1 } } }, ["content:/app/tool"]],
    ["the target", { files: { "/app/now": { target: "releases/2" } } }, ["link:/app/now"]],
    [
      "a hard link",
      { files: { "/app/built": { sameFileAs: "/app/same-as-built" } } },
      ["hardlink:/app/built"],
    ],
    ["a hard link to nothing", { files: { "/app/built": { sameFileAs: "/none" } } }, ["hardlink:/app/built"]],
    ["the time", { files: { "/app/empty": { mtime: "2024-01-02T03:04:06Z" } } }, ["mtime:/app/empty"]],
    ["an attribute", { files: { "/bin/sh": { xattrs: { "user.a": "YQ==" } } } }, ["xattr:user.a:/bin/sh"]],
    [
      "a capability that nobody named",
      { files: { "/bin/ping": { xattrs: {} } } },
      ["xattr:security.capability:/bin/ping"],
    ],
    ["a change that nobody named", { changed: CHANGED.slice(1) }, ["extra:/app/tool"]],
    [
      "a deletion that nobody named",
      { changed: CHANGED.filter((path) => path !== "/old/a") },
      ["missing:/old/a"],
    ],
    ["a path that is as in the base", { changed: [...CHANGED, "/bin/sh"] }, ["content:/bin/sh"]],
    ["a path that is nowhere", { changed: [...CHANGED, "/none"] }, ["missing:/none"]],
    ["the number of layers", { layers: 2 }, ["layers:count"]],
  ])("finds %s", (_what, wanted, ids) => {
    expect(idsOf(wanted)).toEqual(ids);
  });

  it("names a path once that two facts miss", () => {
    expect(idsOf({ files: { "/none": {} }, changed: [...CHANGED, "/none"] })).toEqual(["missing:/none"]);
  });

  it("finds a change of what the base has, by what was changed", async () => {
    const own: TestEntry[] = [
      { name: "bin/sh", content: "#!other", mode: 0o700 },
      { name: "etc/", type: "folder", uid: 5 },
    ];
    const changed = await inspectImage(makeImage({ layers: [BASE_LAYER, own] }));
    const found = checkFacts({ changed: [] }, changed, base).map(({ id }) => id);
    expect(found).toEqual(["mode:/bin/sh", "content:/bin/sh", "owner:/etc"]);
    expect(checkFacts({ changed: ["/bin/sh", "/etc"] }, changed, base)).toEqual([]);
  });

  it("needs no name for what was in a folder that is gone or something else now", async () => {
    const gone = await inspectImage(
      makeImage({ layers: [BASE_LAYER, [{ name: ".wh.old" }, { name: "etc" }]] }),
    );
    expect(checkFacts({ changed: ["/old", "/etc"] }, gone, base)).toEqual([]);
  });

  it("wants a new folder named that has nothing in it", async () => {
    const own: TestEntry[] = [{ name: "new/", type: "folder" }];
    const grown = await inspectImage(makeImage({ layers: [BASE_LAYER, own] }));
    expect(checkFacts({ changed: [] }, grown, base).map(({ id }) => id)).toEqual(["extra:/new"]);
  });

  it("blames no builder for what is wrong with a layer of the base", async () => {
    const broken = [{ name: "nowhere/file" }];
    const brokenBase = await inspectImage(makeImage({ layers: [broken] }));
    const built = await inspectImage(makeImage({ layers: [broken, OWN_LAYER.slice(0, 2)] }));
    expect(brokenBase.defects).toHaveLength(1);
    expect(checkFacts({}, built, brokenBase)).toEqual([]);
    expect(checkFacts({}, built).map(({ id }) => id)).toEqual(["malformed:missing-parent:/nowhere"]);
  });

  it("takes an image without base for one from scratch", () => {
    const all = [...image.files.keys()].map((path) => `/${path}`);
    const plain = all.filter((path) => !path.includes("caf"));
    expect(checkFacts({ changed: [...plain, "/app/caf\\xe9"], layers: 2 }, image)).toEqual([]);
  });
});
