import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const KINDS = {
  GITHUB_OUTPUT: "set_output",
  GITHUB_ENV: "set_env",
  GITHUB_PATH: "add_path",
  GITHUB_STATE: "save_state",
  GITHUB_STEP_SUMMARY: "step_summary",
} as const;

type Variable = keyof typeof KINDS;

/** The files through which one step talks to the runner: made empty before it, read and removed after it. */
export class FileCommands {
  readonly #folder: string;
  readonly #id: string;

  constructor(folder: string, id: string) {
    this.#folder = folder;
    this.#id = id;
  }

  async create(): Promise<void> {
    for (const kind of Object.values(KINDS)) await writeFile(join(this.#folder, this.#name(kind)), "");
  }

  /** Variables that point at the files below `folder`, the same folder as the step sees it. */
  environment(folder: string): Record<Variable, string> {
    const entries = Object.entries(KINDS).map(([variable, kind]) => [
      variable,
      `${folder}/${this.#name(kind)}`,
    ]);
    return Object.fromEntries(entries) as Record<Variable, string>;
  }

  async collect(): Promise<Record<Variable, string>> {
    const texts = {} as Record<Variable, string>;
    for (const [variable, kind] of Object.entries(KINDS) as [Variable, string][]) {
      const file = join(this.#folder, this.#name(kind));
      // A step may delete its own: then it has said nothing.
      texts[variable] = await readFile(file, "utf8").catch(() => "");
      await rm(file, { force: true });
    }
    return texts;
  }

  #name(kind: string): string {
    return `${kind}_${this.#id}`;
  }
}

/** `name=value` lines and `name<<DELIMITER` blocks (GitHub documentation, "Workflow commands", "Multiline strings"). */
export function parseKeyValues(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split("\n");
  while (lines.length > 0) {
    const line = lines.shift() ?? "";
    const block = /^([^=<]+)<<(.+)$/.exec(line);
    const pair = /^([^=]+)=(.*)$/s.exec(line);
    if (block !== null) {
      const end = lines.indexOf(block[2] ?? "");
      values[block[1] ?? ""] = lines.splice(0, end).join("\n");
      lines.shift();
    } else if (pair !== null) {
      values[pair[1] ?? ""] = pair[2] ?? "";
    }
  }
  return values;
}
