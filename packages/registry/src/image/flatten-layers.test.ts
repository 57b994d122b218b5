import { describe, expect, it } from "vitest";
import { makeImage } from "../testing/make-image.ts";
import type { TestEntry } from "../testing/make-tar.ts";
import { type InspectedImage, inspectImage } from "./inspect-image.ts";

async function flatten(...layers: readonly (readonly TestEntry[])[]): Promise<InspectedImage> {
  return inspectImage(makeImage({ layers }));
}

function text({ files }: InspectedImage, path: string): string | undefined {
  return files.get(path)?.content?.toString();
}

function rules({ defects }: InspectedImage): string[] {
  return defects.map(({ rule, path }) => `${rule}:${path}`);
}

const folder = (name: string, more: Partial<TestEntry> = {}): TestEntry => ({
  name,
  type: "folder",
  ...more,
});
const file = (name: string, content = "x"): TestEntry => ({ name, content });
const link = (name: string, linkName: string): TestEntry => ({ name, type: "symlink", linkName });

describe("flattenLayers", () => {
  it("lets the upper layer's file, mode and owner win, and keeps what is in a folder", async () => {
    const image = await flatten(
      [folder("a", { uid: 1 }), file("a/x", "lower"), file("a/y", "kept")],
      [folder("a", { uid: 2, mode: 0o700 }), file("a/x", "upper")],
    );
    expect(image.files.get("a")).toMatchObject({ uid: 2, mode: 0o700 });
    expect([text(image, "a/x"), text(image, "a/y")]).toEqual(["upper", "kept"]);
  });

  it("puts a file in the place of a folder with all that was in it, and a folder in the place of a file", async () => {
    const image = await flatten([folder("a"), file("a/x"), file("b")], [file("a"), folder("b"), file("b/y")]);
    expect([...image.files.keys()]).toEqual(["a", "b", "b/y"]);
    expect(image.defects).toEqual([]);
  });

  it("deletes with a whiteout what is below, and never what the same layer has", async () => {
    const image = await flatten(
      [folder("a"), file("a/x"), folder("b"), file("b/y")],
      [file("a/.wh.x"), file(".wh.b"), file("c/.wh.never")],
      [folder("b"), file("b/z")],
    );
    expect([...image.files.keys()]).toEqual(["a", "b", "b/z"]);
    expect(rules(image)).toEqual([]);
  });

  it("empties a folder at its opaque marker, wherever in the layer that is", async () => {
    const lower = [folder("a"), file("a/x"), folder("a/sub"), file("a/sub/y")];
    const first = await flatten(lower, [file("a/.wh..wh..opq"), folder("a"), file("a/new")]);
    const last = await flatten(lower, [folder("a"), file("a/new"), file("a/.wh..wh..opq")]);
    expect([...first.files.keys()]).toEqual(["a", "a/new"]);
    expect([...last.files.keys()]).toEqual(["a", "a/new"]);
  });

  it("keeps hard links together, and apart again when one of them is replaced", async () => {
    const hard: TestEntry = { name: "b", type: "hardlink", linkName: "/a" };
    const together = await flatten([file("a", "one"), hard]);
    expect(together.files.get("a")?.inode).toBe(together.files.get("b")?.inode);
    const apart = await flatten([file("a", "one"), hard], [file("a", "two")]);
    expect(apart.files.get("a")?.inode).not.toBe(apart.files.get("b")?.inode);
    expect([text(apart, "a"), text(apart, "b")]).toEqual(["two", "one"]);
  });

  it("keeps a hard link whose first name is deleted", async () => {
    const image = await flatten(
      [file("a", "one"), { name: "b", type: "hardlink", linkName: "a" }],
      [file(".wh.a")],
    );
    expect([...image.files.keys()]).toEqual(["b"]);
    expect(text(image, "b")).toBe("one");
  });

  it("follows a link of the same layer on the way, and never out of the root", async () => {
    const image = await flatten([
      folder("usr"),
      folder("usr/bin"),
      link("bin", "../../usr/bin"),
      file("bin/tool"),
      link("abs", "/usr"),
      file("abs/bin/other"),
    ]);
    expect([...image.files.keys()]).toEqual([
      "abs",
      "bin",
      "usr",
      "usr/bin",
      "usr/bin/other",
      "usr/bin/tool",
    ]);
    expect(image.defects).toEqual([]);
  });

  it("tells of links that go round, and puts nothing behind them", async () => {
    const image = await flatten([link("a", "b"), link("b", "a"), file("a/x")]);
    expect([...image.files.keys()]).toEqual(["a", "b"]);
    expect(rules(image)).toEqual(["parent-not-folder:a/x"]);
  });

  it("makes folders that no layer has, and tells of each once", async () => {
    const image = await flatten([file("a/b/x"), file("a/b/y")], [file("a/b/z")], [folder("a")]);
    expect(image.files.get("a/b")).toMatchObject({ type: "folder", mode: 0o755, uid: 0 });
    expect(rules(image)).toEqual(["missing-parent:a", "missing-parent:a/b"]);
  });

  it("has the root only where a layer has an entry for it", async () => {
    expect((await flatten([file("a")])).files.has("")).toBe(false);
    expect((await flatten([folder("./", { mode: 0o700 }), file("a")])).files.get("")?.mode).toBe(0o700);
  });

  it("is not overcome by names that no file can have", async () => {
    const deep = "d/".repeat(3000);
    const image = await flatten([
      file(`${deep}x`),
      file(`${"n".repeat(256)}`),
      file(`${"a".repeat(101)}\0b`),
      file(".."),
    ]);
    expect(image.files.size).toBe(0);
    expect(image.defects.map(({ rule }) => rule)).toEqual(Array.from({ length: 4 }, () => "unsafe-name"));
  });
});
