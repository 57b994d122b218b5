import { gzipSync } from "node:zlib";
import { makeTar, type TestEntry, type TestImageRecipe } from "@slipway/registry/testing";
import { BASE_LAYER, OWN_LAYER, SUBJECT, withConfig, withMore } from "./mutation-subject.ts";

const OPAQUE = "old/.wh..wh..opq";

function layers(...parts: readonly (readonly TestEntry[])[]): TestImageRecipe {
  return { ...SUBJECT, layers: parts };
}

function renamed(prefix: string): TestImageRecipe {
  return layers(
    ...SUBJECT.layers.map((layer) => layer.map((entry) => ({ ...entry, name: prefix + entry.name }))),
  );
}

function reversedKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversedKeys(part)]),
  );
}

function namedOtherWayRound(entry: TestEntry): TestEntry {
  if (entry.name === "app/tool") return { ...entry, name: "app/tool-2" };
  return entry.name === "app/tool-2" ? { ...entry, name: "app/tool", linkName: "app/tool-2" } : entry;
}

/** The same image in other words. */
export const EQUIVALENTS: readonly (readonly [what: string, image: TestImageRecipe])[] = [
  ["itself", SUBJECT],
  ["compression of no effect", { ...SUBJECT, level: 0 }],
  ["the best compression", { ...SUBJECT, level: 9 }],
  ["no compression", { ...SUBJECT, compression: "none" }],
  ["compression by zstd", { ...SUBJECT, compression: "zstd" }],
  [
    "gzip in two members",
    {
      ...SUBJECT,
      editLayer: (_, index) => {
        const tar = makeTar(SUBJECT.layers[index] ?? []);
        return Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000))]);
      },
    },
  ],
  ["numbers and names in the way of GNU", { ...SUBJECT, layers: [BASE_LAYER, makeTar(OWN_LAYER, "gnu")] }],
  ["Docker's media types", { ...SUBJECT, family: "docker" }],
  ["names that start with ./", renamed("./")],
  [
    "a layer in two",
    layers(BASE_LAYER, OWN_LAYER.slice(0, 6), [
      { name: "app/", type: "folder", uid: 1000, gid: 1000 },
      ...OWN_LAYER.slice(6),
    ]),
  ],
  [
    "one layer instead of two",
    layers([
      ...BASE_LAYER.filter(({ name }) => name !== "etc/gone" && !name.startsWith("old/")),
      ...OWN_LAYER.filter(({ name }) => !name.includes(".wh.")),
    ]),
  ],
  ["an empty layer more", layers(...SUBJECT.layers, [])],
  [
    "entries in another order",
    layers(BASE_LAYER.toReversed(), [...OWN_LAYER.slice(3), ...OWN_LAYER.slice(0, 3)]),
  ],
  [
    "whiteouts of each file instead of an opaque folder",
    layers(BASE_LAYER, [
      ...OWN_LAYER.filter(({ name }) => name !== OPAQUE),
      { name: "old/.wh.a" },
      { name: "old/.wh.b" },
    ]),
  ],
  [
    "an opaque marker before its folder, and a whiteout of nothing",
    layers(BASE_LAYER, [
      { name: OPAQUE },
      ...OWN_LAYER.filter(({ name }) => name !== OPAQUE),
      { name: "etc/.wh.never" },
    ]),
  ],
  ["the other of two hard links first", layers(BASE_LAYER, OWN_LAYER.map(namedOtherWayRound))],
  ["an entry for the root", withMore({ name: "./", type: "folder", mode: 0o700 })],
  ["the root in Kaniko's spelling", withMore({ name: "/", type: "folder" })],
  [
    "more empty blocks at the end",
    { ...SUBJECT, layers: [BASE_LAYER, Buffer.concat([makeTar(OWN_LAYER), Buffer.alloc(10_240)])] },
  ],
  [
    "another mode of a symlink",
    layers(
      BASE_LAYER,
      OWN_LAYER.map((entry) => (entry.type === "symlink" ? { ...entry, mode: 0o755 } : entry)),
    ),
  ],
  [
    "another time of a folder, and of what was built",
    layers(
      BASE_LAYER,
      OWN_LAYER.map((entry) =>
        entry.type === "folder" || entry.name === "app/built"
          ? { ...entry, mtime: (entry.mtime ?? 0n) + 2_000_000_000_000_000_000n }
          : entry,
      ),
    ),
  ],
  ["keys in another order", { ...SUBJECT, editConfig: reversedKeys, editManifest: reversedKeys }],
  [
    "another history, and time of creation",
    {
      ...SUBJECT,
      editConfig: (config) => ({
        ...config,
        created: "1970-01-01T00:00:00Z",
        author: "builder",
        history: [{ empty_layer: true }, {}, {}],
      }),
    },
  ],
  ["no history", { ...SUBJECT, editConfig: ({ history: _, ...config }) => config }],
  ["annotations", { ...SUBJECT, editManifest: (manifest) => ({ ...manifest, annotations: { a: "b" } }) }],
  [
    "fields that only Docker writes",
    withConfig({ ArgsEscaped: true, Hostname: "builder", Image: "sha256:1", AttachStdout: true }),
  ],
  ["empty fields", withConfig({ MacAddress: "", NetworkDisabled: false, Extra: null, More: [], Most: {} })],
];
