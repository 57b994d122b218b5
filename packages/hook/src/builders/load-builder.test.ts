import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadBuilder } from "./load-builder.ts";

const load = (name: string, folder = beside) =>
  loadBuilder(name, { beside: folder, importModule: (url) => import(url) });

let beside: string;

beforeEach(async () => {
  beside = await mkdtemp(join(tmpdir(), "slipway-beside-"));
});

const FIELDS = `apiVersion: 1, id: "acme", summary: "s", features: () => [], parseConfig: (x) => x, create: () => ({})`;
const MODULE = `export const builder = { ${FIELDS} };`;
const COMMONJS = `exports.builder = { ${FIELDS} };`;

async function write(path: string, text: string): Promise<string> {
  const file = join(beside, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const manifest = (fields: object) => JSON.stringify({ name: "acme", ...fields });

describe("loadBuilder", () => {
  it("has the built-in ones without a file", async () => {
    expect((await load("kaniko", "/nonexistent")).id).toBe("kaniko");
  });

  it.each([
    ["a module", "a.mjs", MODULE],
    ["CommonJS", "a.cjs", COMMONJS],
    ["a default export", "b.mjs", `export default { ${FIELDS} };`],
    ["module.exports itself", "b.cjs", `module.exports = { ${FIELDS} };`],
    [
      "exports that cannot be seen before it runs",
      "c.cjs",
      `module.exports = (() => ({ builder: { ${FIELDS} } }))();`,
    ],
    [
      "the default export of a module that was made CommonJS",
      "d.cjs",
      `Object.defineProperty(exports, "__esModule", { value: true }); exports.default = { ${FIELDS} };`,
    ],
  ])("takes %s at an absolute path", async (_, name, text) => {
    expect((await load(await write(name, text))).id).toBe("acme");
  });

  it.each([
    ["exports as text", { exports: "./dist/b.mjs" }, "dist/b.mjs", MODULE],
    ["conditional exports", { exports: { ".": { import: "./b.mjs" } } }, "b.mjs", MODULE],
    [
      "exports of conditions alone",
      { exports: { types: "./b.d.ts", require: "./b.cjs" } },
      "b.cjs",
      COMMONJS,
    ],
    ["exports before main", { exports: "./b.mjs", main: "./none.js" }, "b.mjs", MODULE],
    ["main", { main: "lib/b.cjs" }, "lib/b.cjs", COMMONJS],
    ["main without an ending", { main: "lib/b" }, "lib/b.js", COMMONJS],
    ["main as a folder", { main: "lib" }, "lib/index.js", COMMONJS],
    ["type module", { type: "module", main: "b.js" }, "b.js", MODULE],
    ["neither", {}, "index.js", COMMONJS],
    ["neither, as a module", {}, "index.mjs", MODULE],
  ])("takes a package with %s", async (_, fields, file, text) => {
    await write("node_modules/acme/package.json", manifest(fields));
    await write(`node_modules/acme/${file}`, text);
    expect((await load("acme", beside)).id).toBe("acme");
    expect((await load(join(beside, "node_modules/acme"), "/nonexistent")).id).toBe("acme");
  });

  it.each([
    ["a scope", "@acme/builder", "node_modules/@acme/builder/index.js"],
    ["a folder beside the hook", "acme", "acme/index.js"],
    ["a file beside the hook", "acme.cjs", "acme.cjs"],
    ["a file of a package", "acme/lib/other.cjs", "node_modules/acme/lib/other.cjs"],
  ])("finds a package by name: %s", async (_, name, file) => {
    await write(file, COMMONJS);
    expect((await load(name, beside)).id).toBe("acme");
  });

  it.each([
    "none",
    "@acme/none",
    "/nonexistent/builder.mjs",
    "./acme.cjs",
    "../acme.cjs",
    "inside/../acme.cjs",
    ".hidden.cjs",
    "acme.cjs/",
    "file:///acme.cjs",
    "node:fs",
    "fs",
  ])("finds no %j, and says where it looked", async (name) => {
    await write("acme.cjs", COMMONJS);
    await write(".hidden.cjs", COMMONJS);
    const folder = join(beside, "inside");
    await mkdir(folder);
    await expect(load(name, name === "../acme.cjs" ? folder : beside)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(
        /^SLIPWAY_BUILDER is ".*", which is neither a builder here \(kaniko, dind\)/,
      ),
      remedy: expect.stringContaining("an absolute path"),
    });
  });

  it("looks neither into folders above the hook's nor into NODE_PATH's", async () => {
    await write("node_modules/acme/index.js", COMMONJS);
    await mkdir(join(beside, "hook"));
    await expect(load("acme", join(beside, "hook"))).rejects.toThrow("neither a builder here");
  });

  it.each([
    ["nothing", "export {};", "it has no `builder` export"],
    ["another export", "export const plugin = {};", "it has no `builder` export"],
    ["a class", "export class builder {}", "it has no `builder` export"],
    ["no create", MODULE.replace("create: () => ({})", ""), "create is not a function"],
    ["no parseConfig", MODULE.replace("parseConfig: (x) => x,", ""), "parseConfig is not a function"],
    ["no features", MODULE.replace("features: () => [],", ""), "features is not a function"],
    ["no id", MODULE.replace('id: "acme",', ""), "id is not kebab-case"],
    ["another contract", MODULE.replace("apiVersion: 1", "apiVersion: 2"), "apiVersion is 2, expected 1"],
  ])("refuses a module with %s", async (_, text, reason) => {
    const file = await write("a.mjs", text);
    await expect(load(file)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: `${file} is not a builder plugin: ${reason}${reason.startsWith("id") ? " of at most 31 characters" : ""}`,
    });
  });

  it.each([
    ["that throws", "a.mjs", 'throw new Error("no licence\\nsecond line");', "no licence"],
    ["that throws text", "b.mjs", 'throw "no licence";', "no licence"],
    ["that throws as CommonJS", "a.cjs", 'throw new TypeError("no licence");', "no licence"],
    ["without what it imports", "c.mjs", 'import "absent-package";', "Cannot find package 'absent-package'"],
  ])("tells why a module %s cannot be loaded", async (_, name, text, reason) => {
    const file = await write(name, text);
    await expect(load(file)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(`The builder ${file} cannot be loaded: ${reason}`),
      cause: expect.anything(),
    });
    await expect(load(file)).rejects.toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  it("names the file that a package lacks", async () => {
    await write("acme/package.json", manifest({ exports: "./dist/index.js" }));
    await expect(load("acme", beside)).rejects.toThrow(`${beside}/acme has no ./dist/index.js`);
    await write("other/package.json", "{");
    await expect(load("other", beside)).rejects.toThrow("other/package.json is not JSON");
  });
});
