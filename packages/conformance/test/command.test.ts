import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KitReport } from "../src/kit/command/kit-report.ts";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const REFERENCE = join(import.meta.dirname, "../src/testing/reference/reference-builder.ts");
const CONFIG = {
  auths: { "{{registry.host}}": { username: "{{registry.username}}", password: "{{registry.password}}" } },
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-command-"));
  await write("config.yaml", JSON.stringify(CONFIG));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return `./${name}`;
}

/** A builder's module: the reference builder, of which `change` makes another. */
function builder(name: string, change: string): Promise<string> {
  return write(
    name,
    `import { builder as good } from ${JSON.stringify(REFERENCE)};\nexport const builder = ${change};\n`,
  );
}

/** The reference builder with another build(). */
const building = (build: string) =>
  `{ ...good, create: (config, host) => ({ ...good.create(config, host), build: ${build} }) }`;

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command as an author would, from the folder of their package. */
function kit(...args: readonly string[]): Promise<Ended> {
  const node = ["--conditions=slipway-source", "--import", import.meta.resolve("tsx"), MAIN, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, node, { cwd: folder }, (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code), output, errors }),
    );
  });
}

const run = (module: string, ...args: readonly string[]) =>
  kit("run", "--builder", module, "--config", "config.yaml", ...args);

describe("slipway-conformance", { timeout: 120_000 }, () => {
  it("ends with 0 when all is as expected, and writes what it found", async () => {
    const only = [
      "--only",
      "contract/*",
      "--only",
      "honesty/copy-*",
      "--only",
      "corpus/copy/copy-several-files",
    ];
    const { code, output } = await run(REFERENCE, ...only, "--json", "report.json");
    expect(output).toMatch(/^pass {2}contract\/plugin-is-valid/m);
    expect(output).toMatch(/^skip {2}honesty\/copy-exclude: the builder does not declare copy-exclude$/m);
    expect(output).toMatch(/^pass {2}corpus\/copy\/copy-several-files/m);
    expect(code).toBe(0);
    const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as KitReport;
    expect(report).toMatchObject({
      builder: { id: "reference" },
      asExpected: true,
      counts: { pass: 7, skipped: 3 },
    });
    expect(report.cases).toHaveLength(10);
  });

  it("ends with 1 for a case that fails, and for a known failure that passes or does not exist", async () => {
    const module = await builder(
      "careless.ts",
      "{ ...good, parseConfig: (input) => ({ auths: input.auths }) }",
    );
    const failing = await run(module, "--only", "contract/*");
    expect(failing.output).toMatch(
      /^FAIL {2}contract\/bad-config-is-INVALID_CONFIG: fail: expected INVALID_CONFIG/m,
    );
    expect(failing.code).toBe(1);

    const known = { "contract/bad-config-is-INVALID_CONFIG": "issue 7" };
    await write("known.yaml", JSON.stringify(known));
    const excused = await run(module, "--only", "contract/*", "--known-failures", "known.yaml");
    expect(excused.output).toMatch(/^known contract\/bad-config-is-INVALID_CONFIG: issue 7 \(expected/m);
    expect(excused.code).toBe(0);

    await write("known.yaml", JSON.stringify({ ...known, "contract/typo": "issue 8" }));
    const stale = await run(REFERENCE, "--only", "contract/*", "--known-failures", "known.yaml");
    expect(stale.output).toMatch(
      /^FAIL {2}contract\/bad-config-is-INVALID_CONFIG: it passes: remove it from the list/m,
    );
    expect(stale.output).toMatch(/^contract\/typo is no case/m);
    expect(stale.code).toBe(1);
  });

  it.each([
    ["no builder", ["run"], 2, /^--builder is missing/],
    ["a module that is not there", ["run", "--builder", "./none.js"], 2, /^\.\/none\.js cannot be loaded: /],
    [
      "a pattern that names no case",
      ["run", "--builder", REFERENCE, "--only", "biuld/*"],
      2,
      /^No case is named biuld/,
    ],
    [
      "a host that is none",
      ["run", "--builder", REFERENCE, "--host", REFERENCE],
      2,
      /has no function createHost/,
    ],
  ])("says what is wrong with %s", async (_, args, code, message) => {
    const ended = await kit(...args);
    expect(`${ended.errors}${ended.output}`).toMatch(message);
    expect(ended.code).toBe(code);
  });

  it("ends with 2 for a configuration that the builder does not take", async () => {
    await write("wrong.yaml", "atuhs: {}");
    const ended = await kit("run", "--builder", REFERENCE, "--config", "wrong.yaml", "--only", "contract/*");
    expect(ended.output).toMatch(/^The builder does not take its configuration: .*atuhs is not known/m);
    expect(ended.code).toBe(2);
  });

  it("ends with 3 for a place that fails, and counts nothing as passed", async () => {
    const text = `import { startMemoryHost } from ${JSON.stringify(join(import.meta.dirname, "../src/kit/memory-host.ts"))};
      export const createHost = async () => ({
        ...(await startMemoryHost()),
        builderHost: () => { throw new Error("the cluster is gone"); },
      });`;
    const host = await write("host.ts", text);
    const ended = await run(REFERENCE, "--host", host, "--only", "build/reports-the-pushed-digest");
    expect(ended.output).toMatch(
      /^FAIL {2}build\/reports-the-pushed-digest: harness-error: the cluster is gone$/m,
    );
    expect(ended.code).toBe(3);
  });

  it("tells of an error that nobody handles for the case that it comes from, also of the corpus", async () => {
    const change = building(
      `async (request, session) => {
        if (request.destinations[0].includes("several")) Promise.reject(new Error("lost"));
        return good.create(config, host).build(request, session);
      }`,
    );
    const only = ["--only", "corpus/copy/copy-several-files", "--only", "build/image-is-sound"];
    const ended = await run(await builder("lost.ts", change), ...only);
    expect(ended.output).toMatch(/^pass {2}build\/image-is-sound/m);
    expect(ended.output).toMatch(
      /^FAIL {2}corpus\/copy\/copy-several-files: crash: nobody handles the error: Error: lost$/m,
    );
    expect(ended.code).toBe(1);
  });

  it("tells of such an error, too, when its case has ended", async () => {
    const change = building(
      `async (request, session) => {
        if (request.destinations[0].includes("sound")) setTimeout(() => { throw new Error("late"); }, 1000);
        else await new Promise((resolve) => setTimeout(resolve, 2000));
        return good.create(config, host).build(request, session);
      }`,
    );
    const only = ["--only", "build/image-is-sound", "--only", "build/honours-labels", "--jobs", "1"];
    const ended = await run(await builder("late.ts", change), ...only);
    expect(ended.output).toMatch(/^pass {2}build\/image-is-sound.*\npass {2}build\/honours-labels/m);
    expect(ended.output).toMatch(
      /^FAIL {2}build\/image-is-sound: crash: nobody handles the error: Error: late$/m,
    );
    expect(ended.code).toBe(1);
  });

  it("runs as many cases at a time as it is told to", async () => {
    // A build begins when three more have begun.
    const change = `(() => {
      const waiting = [];
      return ${building(`async (request, session) => {
        await new Promise((begin) => {
          waiting.push(begin);
          if (waiting.length % 4 === 0) waiting.forEach((one) => one());
        });
        return good.create(config, host).build(request, session);
      }`)};
    })()`;
    const module = await builder("four.ts", change);
    const cases = ["image-is-sound", "honours-labels", "reports-true-facts", "keeps-symlinks"];
    const only = ["contract/*", ...cases.map((name) => `build/${name}`)].flatMap((id) => ["--only", id]);
    const ended = await run(module, ...only, "--jobs", "4", "--limit", "20", "--grace", "1");
    expect(ended.output).toMatch(/^8 cases .* 8 pass; 0 not as expected$/m);
  });

  it.each([
    [
      "rejects behind its back",
      "async () => { Promise.reject(new Error('lost')); return new Promise(() => {}); }",
      /: crash: nobody handles the error: Error: lost$/m,
    ],
    [
      "hangs",
      "() => new Promise(() => {})",
      /: timeout: not done after 1 s, and it does not stop when it is told to/,
    ],
  ])("tells of a builder that %s", async (_, build, message) => {
    const module = await builder("bad.ts", building(build));
    const ended = await run(
      module,
      "--only",
      "build/reports-the-pushed-digest",
      "--limit",
      "1",
      "--grace",
      "1",
    );
    expect(ended.output).toMatch(message);
    expect(ended.code).toBe(1);
  });

  it("does not take the end of its process for success", async () => {
    const module = await builder("quitter.ts", building("() => process.exit(0)"));
    const ended = await run(module, "--only", "build/reports-the-pushed-digest");
    expect(ended.errors).toMatch(/The process was ended from within/);
    expect(ended.code).toBe(3);
  });

  it("lists every case with its title", async () => {
    const { output, code } = await kit("list");
    expect(output).toMatch(/^build\/honours-build-args: a build argument .* \[build-args\]$/m);
    expect(output).toMatch(/^corpus\/copy\/copy-several-files: /m);
    expect(code).toBe(0);
  });
});
