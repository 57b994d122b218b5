import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ALL_SETTINGS } from "../packages/hook/src/settings-table.ts";

const root = join(import.meta.dirname, "..");

const pages = ["README.md", "CONTRIBUTING.md", "docs", "docs/conformance", "docs/decisions"].flatMap(
  (path) =>
    path.endsWith(".md")
      ? [path]
      : readdirSync(join(root, path))
          .filter((name) => name.endsWith(".md"))
          .map((name) => join(path, name)),
);

describe("documentation", () => {
  it.each(pages)("%s links only to what is there", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const targets = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target ?? "");
    const missing = targets
      .filter((target) => !/^(https?:|#|mailto:)/.test(target))
      .map((target) => join(root, dirname(page), target.replace(/#.*$/, "")))
      .filter((path) => !existsSync(path));
    expect(missing.map((path) => relative(root, path))).toEqual([]);
  });
});

interface Values {
  readonly containerMode: { readonly type: string };
  readonly template: { readonly spec: { readonly containers: readonly Container[] } };
}

interface Container {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

const SET_FOR_THE_RUNNER = "ACTIONS_RUNNER_CONTAINER_HOOKS";

describe("examples/arc", () => {
  it.each(["kubernetes", "kubernetes-novolume"])("sets for mode %s only what Slipway knows", (mode) => {
    const text = readFileSync(join(root, "examples/arc", `values-${mode}.yaml`), "utf8");
    const { containerMode, template } = parse(text) as Values;
    expect(containerMode.type).toBe(mode);
    const env = template.spec.containers.find(({ name }) => name === "runner")?.env ?? [];
    const names = env.map(({ name }) => name);
    expect(names).toContain(SET_FOR_THE_RUNNER);
    const known = [SET_FOR_THE_RUNNER, ...Object.keys(ALL_SETTINGS)];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });
});
