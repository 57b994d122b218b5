import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** The parts of a container action's `action.yml` that decide what the hook is asked to do. */
export interface ContainerAction {
  readonly image: string;
  readonly args: readonly string[];
  /** `with: args:` of an action that names none itself: passed on as it was written. */
  readonly argumentLine?: string | undefined;
  readonly entrypoint: string | undefined;
  readonly preEntrypoint: string | undefined;
  readonly postEntrypoint: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

interface ActionYaml {
  readonly inputs?: Record<string, { default?: unknown } | null>;
  readonly runs: {
    readonly image: string;
    readonly args?: unknown[];
    readonly entrypoint?: string;
    readonly "pre-entrypoint"?: string;
    readonly "post-entrypoint"?: string;
    readonly env?: Record<string, unknown>;
  };
}

/** Reads `action.yml` and fills in the inputs, `${{ inputs.x }}` included: the only expression that this stand-in knows. */
export async function readContainerAction(
  folder: string,
  given: Readonly<Record<string, string>>,
): Promise<ContainerAction> {
  const { inputs: declared = {}, runs } = parse(
    await readFile(join(folder, "action.yml"), "utf8"),
  ) as ActionYaml;
  const defaults = Object.entries(declared).map(
    ([name, input]) => [name, String(input?.default ?? "")] as const,
  );
  const inputs: Record<string, string> = { ...Object.fromEntries(defaults), ...given };
  const fill = (text: unknown): string =>
    String(text).replaceAll(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, (_all, name: string) => inputs[name] ?? "");
  return {
    image: runs.image,
    args: (runs.args ?? []).map(fill),
    entrypoint: runs.entrypoint,
    preEntrypoint: runs["pre-entrypoint"],
    postEntrypoint: runs["post-entrypoint"],
    env: Object.fromEntries(Object.entries(runs.env ?? {}).map(([name, value]) => [name, fill(value)])),
    inputs,
  };
}
