import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Who may import whom: docs/architecture.md. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  filetree: ["core"],
  "step-protocol": ["core"],
  registry: ["core"],
  kube: ["core", "filetree"],
  agent: ["core", "filetree", "registry", "step-protocol"],
  "builder-kaniko": ["core", "registry", "kube"],
  "builder-dind": ["core", "registry", "kube"],
  conformance: ["core", "filetree", "registry"],
  hook: ["core", "filetree", "registry", "step-protocol", "kube", "agent", "builder-kaniko", "builder-dind"],
  testbed: ["registry"],
};

/** Files from outside that only some places may load: [module, where its values are allowed]. */
const FENCED: readonly (readonly [RegExp, RegExp])[] = [
  [/^@kubernetes\/client-node/, /^(packages\/(kube|testbed)|apps\/bench\/src\/official)\//],
  [/^(winston|tsyringe|reflect-metadata)$/, /\/composition-root\.ts$/],
  [/^@slipway\/builder-/, /^(packages\/hook\/src\/builders\/builtins|apps\/conformance\/src\/[\w/-]+)\.ts$/],
];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly owner: string;
}

function sources(): SourceFile[] {
  return ["packages", "apps"].flatMap((top) =>
    readdirSync(join(root, top)).flatMap((owner) =>
      readdirSync(join(root, top, owner, "src"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(root, top, owner, "src", file))
        .map((file) => ({
          path: relative(root, file),
          text: readFileSync(file, "utf8"),
          owner: `${top}/${owner}`,
        })),
    ),
  );
}

const all = sources();
const code = all.filter(({ path }) => !path.endsWith(".test.ts") && !path.includes("/testing/"));

/** Module names with whether the import brings values; `import type` leaves nothing at run time. */
function importsOf(text: string): { module: string; typeOnly: boolean }[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']/gm,
  );
  const dynamic = text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g);
  return [
    ...Array.from(statements, (m) => ({ module: m[2] ?? m[3] ?? "", typeOnly: m[1] !== undefined })),
    ...Array.from(dynamic, (m) => ({ module: m[1] ?? "", typeOnly: false })),
  ];
}

describe("package boundaries", () => {
  it("lists every package", () => {
    expect(readdirSync(join(root, "packages")).sort()).toEqual(Object.keys(ARROWS).sort());
  });

  it.each(Object.entries(ARROWS))("%s imports only what the arrows allow", (owner, allowed) => {
    const wrong = code
      .filter((file) => file.owner === `packages/${owner}`)
      .flatMap((file) => importsOf(file.text).map(({ module }) => ({ path: file.path, module })))
      .filter(({ module }) => module.startsWith("@slipway/"))
      .filter(
        ({ module }) =>
          !["@slipway/".concat(owner), ...allowed.map((name) => `@slipway/${name}`)].some(
            (ok) => module === ok || module.startsWith(`${ok}/`),
          ),
      );
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(ARROWS))("%s declares the packages of ours that it imports", (owner) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", owner, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    const used = code
      .filter((file) => file.owner === `packages/${owner}`)
      .flatMap((file) => importsOf(file.text).map(({ module }) => module.split("/").slice(0, 2).join("/")))
      .filter((module) => module.startsWith("@slipway/") && module !== `@slipway/${owner}`);
    expect([...new Set(used)].filter((name) => manifest.dependencies?.[name] === undefined)).toEqual([]);
  });

  it("loads fenced modules only where they belong", () => {
    const wrong = code.flatMap((file) =>
      importsOf(file.text)
        .filter(
          ({ module, typeOnly }) =>
            !typeOnly && FENCED.some(([name, where]) => name.test(module) && !where.test(file.path)),
        )
        .map(({ module }) => `${file.path}: ${module}`),
    );
    expect(wrong).toEqual([]);
  });

  it("imports files with their extension and no package's inside", () => {
    const wrong = all.flatMap((file) =>
      importsOf(file.text)
        .filter(({ module }) =>
          module.startsWith(".")
            ? !/\.(ts|json|cjs)$/.test(module)
            : /^@slipway\/[^/]+\/(src|dist)\//.test(module),
        )
        .map(({ module }) => `${file.path}: ${module}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the process", () => {
  it.each([
    ["process.env", /\bprocess\.env\b/, ["settings.ts", "main.ts"]],
    ["process.exit", /\bprocess\.exit(Code)?\b/, ["main.ts"]],
  ])("is touched through %s only in %s files", (_name, pattern, allowed) => {
    const wrong = code.filter(
      ({ path, text }) => !allowed.includes(basename(path)) && pattern.test(withoutComments(text)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe("source files", () => {
  it("are at most 250 lines long", () => {
    const wrong = code
      .filter(({ text }) => text.split("\n").length > 251)
      .map(({ path, text }) => `${path}: ${text.split("\n").length}`);
    expect(wrong).toEqual([]);
  });

  it("import one another without circles, of types neither", () => {
    const imports = new Map(
      code.map(({ path, text }) => [
        path,
        importsOf(text)
          .filter(({ module }) => module.startsWith("."))
          .map(({ module }) => join(dirname(path), module)),
      ]),
    );
    const leadsTo = (from: string, goal: string, seen = new Set<string>()): boolean =>
      (imports.get(from) ?? []).some((next) => {
        if (next === goal) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return leadsTo(next, goal, seen);
      });
    expect([...imports.keys()].filter((path) => leadsTo(path, path))).toEqual([]);
  });

  it("have names that say what is in them", () => {
    expect(
      all
        .map(({ path }) => path)
        .filter((path) => /(^|[/-])(utils?|helpers?|common|misc|manager)(\.|\/|-)|\/types\./.test(path)),
    ).toEqual([]);
  });

  it("do not mock modules in tests", () => {
    expect(all.filter(({ text }) => /\bvi\.mock\(/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
}
