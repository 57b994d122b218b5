import { ERROR_CODES, FEATURES } from "@slipway/core";
import * as v from "valibot";
import { GROUPS } from "./corpus-case.ts";

/** What a case may say of the image's configuration: the OCI config's `config`, Docker's three fields of it, and in lower case what stands beside it. */
export const CONFIG_FIELDS = [
  "User",
  "ExposedPorts",
  "Env",
  "Entrypoint",
  "Cmd",
  "Volumes",
  "WorkingDir",
  "Labels",
  "StopSignal",
  "Healthcheck",
  "Shell",
  "OnBuild",
  "architecture",
  "os",
  "variant",
  "author",
] as const;

const optional = v.exactOptional;
const text = v.pipe(v.string(), v.minLength(1, "is empty"));
const texts = v.record(v.string(), v.string());
const id = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "is not kebab-case"));
const mode = v.pipe(
  v.string('has to be text in quotes, such as "0644"'),
  v.regex(/^[0-7]{3,4}$/, 'is not octal text such as "0644"'),
);
const owner = v.pipe(v.string(), v.regex(/^\d+:\d+$/, 'is not "uid:gid"'));
const base64 = v.pipe(v.string(), v.base64("is not base64"));
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0));
const time = v.pipe(
  v.string(),
  v.check((value) => !Number.isNaN(Date.parse(value)), "is not a time such as 2024-01-02T03:04:05Z"),
);
const absolute = v.pipe(v.string(), v.regex(/^\//, "is not an absolute path"));
const inContext = v.pipe(
  v.string(),
  v.check((path) => staysInside(path), "is not a path inside of the context"),
);
const inContextAsBytes = v.pipe(
  base64,
  v.check(
    (path) => staysInside(Buffer.from(path, "base64").toString("latin1")),
    "is not a path inside of the context",
  ),
);

const content = {
  text: optional(v.string()),
  base64: optional(base64),
  sizeBytes: optional(bytes),
};
const attributes = { mode: optional(mode), owner: optional(owner), mtime: optional(time) };

/** An archive may hold what a context may not: any name, devices, extended attributes. */
const archived = v.strictObject({
  path: text,
  type: v.picklist(["file", "folder", "symlink", "hardlink", "fifo", "chardev", "blockdev"]),
  ...content,
  target: optional(text),
  device: optional(v.pipe(v.string(), v.regex(/^\d+:\d+$/, 'is not "major:minor"'))),
  ...attributes,
  xattrs: optional(v.record(v.string(), base64)),
});

const recipeEntry = v.pipe(
  v.strictObject({
    path: optional(inContext),
    pathBase64: optional(inContextAsBytes),
    type: v.picklist(["file", "folder", "symlink", "hardlink", "fifo", "tar"]),
    ...content,
    target: optional(text),
    entries: optional(v.array(archived)),
    compression: optional(v.picklist(["none", "gzip", "bzip2", "xz", "zstd"])),
    ...attributes,
  }),
  v.check((entry) => count(entry.path, entry.pathBase64) === 1, "needs either path or pathBase64"),
  v.check(
    (entry) => count(entry.text, entry.base64, entry.sizeBytes) <= (entry.type === "file" ? 1 : 0),
    "needs at most one of text, base64 and sizeBytes, and only a file has them",
  ),
  v.check(
    (entry) => (entry.target !== undefined) === (entry.type === "symlink" || entry.type === "hardlink"),
    "has a target if, and only if, it is a symlink or hardlink",
  ),
  v.check(
    (entry) => (entry.entries !== undefined) === (entry.type === "tar"),
    "has entries if, and only if, it is a tar",
  ),
  v.check(
    ({ type, mode, owner, mtime }) =>
      count(mode, owner, mtime) === 0 || (type !== "hardlink" && !(type === "symlink" && mode !== undefined)),
    "has no attributes of its own: a hardlink has those of its file, a symlink has no mode",
  ),
);

const fileWanted = v.strictObject({
  type: optional(v.picklist(["file", "folder", "symlink", "fifo", "chardev", "blockdev"])),
  mode: optional(mode),
  owner: optional(owner),
  text: optional(v.string()),
  base64: optional(base64),
  sha256: optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "is not a SHA-256 in hex"))),
  sizeBytes: optional(bytes),
  target: optional(text),
  sameFileAs: optional(absolute),
  mtime: optional(time),
  xattrs: optional(v.record(v.string(), base64)),
});

const imageFacts = {
  config: optional(v.partial(v.strictObject(v.entriesFromList(CONFIG_FIELDS, v.unknown())))),
  files: optional(v.record(absolute, v.nullable(fileWanted))),
  changed: optional(v.array(absolute)),
  layers: optional(bytes),
};

const run = v.strictObject({
  command: optional(v.array(v.string())),
  args: optional(v.array(v.string())),
  env: optional(texts),
  exitCode: optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
  stdout: optional(v.string()),
  stdoutHas: optional(v.array(text)),
});

const expectation = v.pipe(
  v.strictObject({
    fails: optional(v.pipe(v.array(v.picklist(keysOf(ERROR_CODES))), v.minLength(1, "names no code"))),
    line: optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    ...imageFacts,
    log: optional(v.array(text)),
    run: optional(run),
  }),
  v.check(
    ({ fails, line, ...facts }) =>
      fails === undefined ? line === undefined : Object.keys(facts).length === 0,
    "mixes a failure (fails, line) with facts of an image",
  ),
  v.check((wanted) => Object.values(wanted).some(says), "asserts nothing"),
);

/** What case.yaml may hold. */
export const caseSchema = v.strictObject({
  id,
  group: v.picklist(keysOf(GROUPS)),
  title: text,
  spec: v.pipe(
    v.string(),
    v.regex(
      /^https:\/\/(docs\.docker\.com\/(reference|build)\/|github\.com\/opencontainers\/image-spec\/blob\/)\S+#\S+$/,
      "is not a link with an anchor into docs.docker.com/reference, docs.docker.com/build or the OCI image specification",
    ),
  ),
  base: v.picklist(["scratch", "busybox", "debian", "other"]),
  features: v.optional(v.array(v.picklist(keysOf(FEATURES))), []),
  build: v.optional(
    v.strictObject({
      dockerfile: v.optional(inContext, "Dockerfile"),
      target: optional(text),
      platform: optional(text),
      buildArgs: optional(texts),
      labels: optional(texts),
    }),
    {},
  ),
  recipe: v.optional(v.array(recipeEntry), []),
  expect: expectation,
  ignored: optional(v.strictObject(imageFacts)),
});

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

function count(...values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}

/** `{}`, `[]` and a file without a fact assert nothing. */
function says(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}

function staysInside(path: string): boolean {
  const parts = path.split("/");
  return !parts.some((part) => part === "" || part === "." || part === "..");
}
