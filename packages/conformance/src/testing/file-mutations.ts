import { TEST_MTIME, type TestEntry, type TestImageRecipe } from "@slipway/registry/testing";
import { type Mutation, mutation } from "./mutation.ts";
import { BASE_LAYER, CAPABILITY, OWN_LAYER, SUBJECT, withEntry, withMore } from "./mutation-subject.ts";

const OTHER_CAPABILITY = Buffer.concat([CAPABILITY.subarray(0, -1), Buffer.from([0x81])]);

function inBoth(change: Partial<TestEntry>): TestImageRecipe {
  const layer = OWN_LAYER.map((entry) =>
    entry.name.startsWith("app/tool") ? { ...entry, ...change } : entry,
  );
  return { ...SUBJECT, layers: [BASE_LAYER, layer] };
}

function inBase(name: string, change: Partial<TestEntry>): TestImageRecipe {
  const layer = BASE_LAYER.map((entry) => (entry.name === name ? { ...entry, ...change } : entry));
  return { ...SUBJECT, layers: [layer, OWN_LAYER] };
}

function without(folder: string): TestImageRecipe {
  return { ...SUBJECT, layers: [BASE_LAYER, OWN_LAYER.filter(({ name }) => !name.startsWith(folder))] };
}

const NULL = { name: "dev/null", type: "chardev", devMajor: 1, devMinor: 3, mode: 0o666 } as const;

/** Changes of the file system that a container sees. */
export const FILE_MUTATIONS: readonly Mutation[] = [
  mutation("the setuid bit", inBoth({ mode: 0o755 }), ["mode:/app/tool", "mode:/app/tool-2"]),
  mutation("the mode of a folder", withEntry("app/", { mode: 0o700 }), "mode:/app"),
  mutation(
    "the sticky bit of a folder of the base",
    withMore({ name: "tmp/", type: "folder", mode: 0o777 }),
    "mode:/tmp",
  ),
  mutation("the owner", withEntry("app/empty", { uid: 1 }), "owner:/app/empty"),
  mutation("the group", withEntry("app/empty", { gid: 3_000_000 }), "owner:/app/empty"),
  mutation("one byte of content", withEntry("app/built", { content: "buiLt" }), "content:/app/built"),
  mutation("a byte more", withEntry("app/empty", { content: "\n" }), "content:/app/empty"),
  mutation("a file less", withEntry("app/built", undefined), "missing:/app/built"),
  mutation("a file more", withMore({ name: "app/more" }), "extra:/app/more"),
  mutation("a folder less, with all in it", without("app/"), "missing:/app"),
  mutation(
    "a folder more, with something in it",
    withMore({ name: "new/", type: "folder" }, { name: "new/file" }),
    "extra:/new",
  ),
  mutation("the target of a link", withEntry("app/now", { linkName: "releases/2" }), "link:/app/now"),
  mutation("a file for a link", withEntry("app/now", { type: "file" }), "type:/app/now"),
  mutation("a file for a folder of the base", withMore({ name: "bin", mode: 0o755 }), "type:/bin"),
  mutation("a pipe's mode", withEntry("app/pipe", { mode: 0o644 }), "mode:/app/pipe"),
  mutation("a device's number", withMore({ ...NULL, devMinor: 5 }), "device:/dev/null"),
  mutation("a block for a character device", withMore({ ...NULL, type: "blockdev" }), "type:/dev/null"),
  mutation(
    "a byte of a capability",
    inBase("bin/ping", { xattrs: { "security.capability": OTHER_CAPABILITY } }),
    "xattr:security.capability:/bin/ping",
  ),
  mutation("a capability lost", inBase("bin/ping", { xattrs: {} }), "xattr:security.capability:/bin/ping"),
  mutation(
    "a capability won",
    inBase("bin/sh", { xattrs: { "security.capability": CAPABILITY } }),
    "xattr:security.capability:/bin/sh",
  ),
  mutation(
    "another attribute, where asked",
    inBase("bin/ping", { xattrs: { "security.capability": CAPABILITY } }),
    "xattr:user.note:/bin/ping",
    { xattrs: "all" },
  ),
  mutation("a byte of a name that is no UTF-8", withEntry("app/caf\xe9", { name: "app/caf\xe8" }), [
    "extra:/app/caf\\xe8",
    "missing:/app/caf\\xe9",
  ]),
  mutation(
    "a hard link that is a copy",
    withEntry("app/tool-2", { type: "file", linkName: "", content: "tool of seven" }),
    "hardlink:/app/tool",
  ),
  mutation(
    "a copy that is a hard link",
    withEntry("app/same-as-built", { type: "hardlink", linkName: "app/built", content: "" }),
    "hardlink:/app/built",
  ),
  mutation(
    "a time of a file from the context",
    withEntry("app/empty", { mtime: TEST_MTIME + 1_000_000_000n }),
    "mtime:/app/empty",
  ),
  mutation(
    "a time that is the build's and not the context's",
    withEntry("app/empty", { mtime: TEST_MTIME * 2n }),
    "mtime:/app/empty",
  ),
  mutation(
    "a nanosecond of a built file, where asked",
    withEntry("app/built", { mtime: TEST_MTIME * 2n + 1n }),
    "mtime:/app/built",
    { mtime: "exact" },
  ),
  mutation("the time of a folder, where asked", withEntry("app/", { mtime: TEST_MTIME + 1n }), "mtime:/app", {
    mtime: "exact",
  }),
  mutation("a deletion less", withEntry("etc/.wh.gone", undefined), "extra:/etc/gone"),
  mutation("a deletion more", withMore({ name: "etc/.wh.passwd" }), "missing:/etc/passwd"),
  mutation("an opaque marker less", withEntry("old/.wh..wh..opq", undefined), [
    "extra:/old/a",
    "extra:/old/b",
  ]),
  mutation("an opaque marker that is a whiteout", withEntry("old/.wh..wh..opq", { name: "old/.wh..opq" }), [
    "extra:/old/a",
    "extra:/old/b",
  ]),
  mutation("the order of layers", { ...SUBJECT, layers: [OWN_LAYER, BASE_LAYER] }, [
    "extra:/etc/gone",
    "extra:/old/a",
    "extra:/old/b",
  ]),
  mutation("a layer more, where asked", { ...SUBJECT, layers: [...SUBJECT.layers, []] }, "layers:count", {
    layers: "count",
  }),
];
