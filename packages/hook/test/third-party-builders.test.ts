import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { type EndedHook, HookProcess } from "./hook-process.ts";
import { scriptedCluster } from "./scripted-cluster.ts";

const cluster = scriptedCluster();

const KIT = join(import.meta.dirname, "../../conformance/src/main.ts");

/** Runs a step with a Dockerfile, from the job's checkout as the runner does. */
async function buildWith(builder: string, env: Readonly<Record<string, string>> = {}): Promise<EndedHook> {
  const dockerfile = await cluster.folders.write(
    "_actions/acme/x/v1/Dockerfile",
    'FROM scratch\nCMD ["/x"]\n',
  );
  const all = {
    ...(await cluster.folders.env(cluster.server.url)),
    ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST: "registry.example:5000",
    SLIPWAY_BUILDER: builder,
    ...env,
  };
  const checkout = join(cluster.folders.work, "repo/repo");
  return new HookProcess(cluster.bundle, all, cluster.folders.containerStep({ dockerfile }), checkout).ended;
}

/** A file of a builder's author, somewhere on the runner. */
async function pluginFile(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "slipway-plugin-")), name);
  await writeFile(file, text);
  return file;
}

/** A plugin that fails in a way that only its own code can; BuildErrors are known by their mark, whoever made them. */
const FIELDS = `
  apiVersion: 1,
  id: "acme",
  summary: "Fails",
  features: () => [],
  parseConfig: (input) => {
    if (input.image === undefined) throw new Error("image is missing");
    return input;
  },
  create: (config, host) => ({
    build: async () => {
      const pods = host[Symbol.for("@slipway/kube:BuildPods")];
      const error = new Error("acme got " + config.image + " and " + typeof pods.run);
      Object.assign(error, { code: "BUILD_FAILED", remedy: "Ask acme", details: {}, blame: "request" });
      throw Object.defineProperty(error, Symbol.for("@slipway/core:BuildError"), { value: true });
    },
  }),`;
const MODULE = `export const builder = {${FIELDS}};`;
const CONFIG = { SLIPWAY_BUILDER_CONFIG: '{"image":"a:1"}' };
const REACHED = /::error::\[BUILD_FAILED\] [^\n]*acme got a:1 and function/;

describe("a builder from outside", () => {
  it.each([
    ["a module", "acme.mjs", MODULE],
    ["CommonJS", "acme.cjs", `exports.builder = {${FIELDS}};`],
    ["a default export", "acme.mjs", `export default {${FIELDS}};`],
  ])("is loaded by its absolute path: %s", async (_, name, text) => {
    const { exitCode, output, stderr } = await buildWith(await pluginFile(name, text), CONFIG);
    expect(output).toMatch(REACHED);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  });

  it("is loaded by its name from beside the bundle", async () => {
    const folder = join(dirname(cluster.bundle), "node_modules/acme-builder");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{"name":"acme-builder","exports":{"import":"./b.mjs"}}');
    await writeFile(join(folder, "b.mjs"), MODULE);
    expect((await buildWith("acme-builder", CONFIG)).output).toMatch(REACHED);
  });

  it("is never loaded from the checkout, whose code is the workflow's", async () => {
    const planted = await cluster.folders.write("repo/repo/node_modules/planted/index.js", "");
    const trap = `require("node:fs").writeFileSync(${JSON.stringify(`${planted}.ran`)}, "");`;
    await writeFile(planted, trap);
    await cluster.folders.write("repo/repo/planted.js", trap);
    await cluster.folders.write("repo/repo/planted/index.js", trap);
    for (const name of ["planted", "planted.js", "./planted.js", "repo/repo/planted.js"]) {
      const { exitCode, output } = await buildWith(name);
      expect(output).toMatch(/^::error::\[INVALID_CONFIG\] [^\n]+\n$/);
      expect(output).toContain(`SLIPWAY_BUILDER is "${name}", which is neither`);
      expect(exitCode).toBe(1);
    }
    await expect(readFile(`${planted}.ran`)).rejects.toThrow("ENOENT");
  });

  it.each([
    ["throws while it is loaded", 'throw new Error("no licence");', /cannot be loaded: no licence/],
    ["has a slip in its syntax", "const = 2;", /cannot be loaded: Unexpected token '='/],
    ["imports what is not there", 'import "absent";', /cannot be loaded: Cannot find package 'absent'/],
    [
      "lacks create",
      MODULE.replace("create:", "make:"),
      /acme\.mjs is not a builder plugin: create is not a function/,
    ],
    ["exports nothing", "export {};", /acme\.mjs is not a builder plugin: it has no `builder` export/],
    [
      "does not take its configuration",
      MODULE,
      /SLIPWAY_BUILDER_CONFIG is not what the builder acme takes: image is missing/,
    ],
    [
      "has a feature of its own",
      MODULE.replace("features: () => []", 'features: () => ["magic"]').replace(
        "input.image === undefined",
        "false",
      ),
      /acme declares the unknown feature "magic"/,
    ],
  ])("that %s ends the step with one line that says so", async (_, text, reason) => {
    const { exitCode, output, stderr } = await buildWith(await pluginFile("acme.mjs", text));
    expect(output).toMatch(/^::error::\[INVALID_CONFIG\] [^\n]+\n$/);
    expect(output).toMatch(reason);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  });

  it("that is not there ends the step, and not the clean-up", async () => {
    const { exitCode, output } = await buildWith("/nonexistent/acme.mjs");
    expect(output).toMatch(
      /^::error::\[INVALID_CONFIG\] [^\n]*SLIPWAY_BUILDER is "\/nonexistent\/acme\.mjs"/,
    );
    expect(exitCode).toBe(1);
    const env = {
      ...(await cluster.folders.env(cluster.server.url)),
      SLIPWAY_BUILDER: "/nonexistent/acme.mjs",
    };
    const cleanUp = new HookProcess(cluster.bundle, env, { command: "cleanup_job", args: {}, state: null });
    expect(await cleanUp.ended).toEqual({ exitCode: 0, output: "", stderr: "" });
  });
});

describe("the example of docs/builders.md", () => {
  /** Its files, built by its own command. The packages that it imports are copied into it. */
  async function install(): Promise<string> {
    const page = await readFile(join(import.meta.dirname, "../../../docs/builders.md"), "utf8");
    const folder = join(dirname(cluster.bundle), "node_modules/@acme/slipway-builder");
    for (const [, path = "", text = ""] of page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
    const [program = "", ...words] = manifest.scripts.build.split(" ");
    const packages = join(import.meta.dirname, "../node_modules");
    const esbuild = join(packages, ".bin", program);
    const options = { cwd: folder, env: { PATH: process.env["PATH"], NODE_PATH: packages } };
    await promisify(execFile)(esbuild, [...words, "--conditions=slipway-source"], options);
    return folder;
  }

  it("runs the conformance kit by its own script", { timeout: 120_000 }, async () => {
    const folder = await install();
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
    const [command, ...words] = manifest.scripts.conformance.split(" ");
    expect(command).toBe("slipway-conformance");
    // What needs no cluster of theirs.
    const only = ["--only", "contract/plugin-is-valid", "--only", "contract/bad-config-is-INVALID_CONFIG"];
    const node = ["--conditions=slipway-source", "--import", import.meta.resolve("tsx"), KIT];
    const { stdout } = await promisify(execFile)(process.execPath, [...node, ...words, ...only], {
      cwd: folder,
    });
    expect(stdout).toMatch(/^using the registry of the test cluster$/m);
    expect(stdout).toMatch(/^pass {2}contract\/plugin-is-valid/m);
    expect(stdout).toMatch(/^pass {2}contract\/bad-config-is-INVALID_CONFIG/m);
    expect(stdout).toMatch(/ 2 pass; 0 not as expected$/m);
  });

  it("builds in a pod of its own, with the classes of its own copies", async () => {
    await install();
    const pods: V1Pod[] = [];
    cluster.server.onCreate((resource, object) => {
      if (resource === "pods") pods.push(object as unknown as V1Pod);
    });
    const config = { SLIPWAY_BUILDER_CONFIG: '{"image":"executor:2"}' };
    const { exitCode, output } = await buildWith("@acme/slipway-builder", config);
    expect(pods[0]?.metadata?.labels).toMatchObject({ "slipway.dev/builder": "acme" });
    const build = pods[0]?.spec?.initContainers?.find(({ name }) => name === "build");
    expect(build).toMatchObject({
      image: "executor:2",
      args: expect.arrayContaining(["--layout=/kaniko/output/image"]),
    });
    expect(exitCode).toBe(1);
    expect(output).toContain("::error::");
  });

  it("names the field of a configuration that it does not take", async () => {
    await install();
    const config = { SLIPWAY_BUILDER_CONFIG: '{"imgae":"executor:2"}' };
    const { output } = await buildWith("@acme/slipway-builder", config);
    expect(output).toMatch(/^::error::\[INVALID_CONFIG\] /);
    expect(output).toContain(
      "The configuration of acme: imgae is not known. Correct SLIPWAY_BUILDER_CONFIG: the only field is image.\n",
    );
  });
});

interface Manifest {
  readonly scripts: { readonly build: string; readonly conformance: string };
}
