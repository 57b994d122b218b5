import { readFile } from "node:fs/promises";
import { manifestFile } from "./recipes/recipe-sources.ts";
import { type Finished, type RunOptions, runCommand, tryCommand } from "./run-command.ts";

/** `kubectl` for one cluster. */
export class Kubectl {
  readonly #prefix: readonly string[];

  constructor(program: string, kubeconfig: string) {
    this.#prefix = [program, "--kubeconfig", kubeconfig];
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return runCommand([...this.#prefix, ...args], options);
  }

  async try(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return tryCommand([...this.#prefix, ...args], options);
  }

  async apply(manifest: string): Promise<void> {
    await this.run(["apply", "-f", "-"], { input: manifest });
  }

  async applyFile(name: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.apply(await filledManifest(name, values));
  }
}

/** A file of `manifests` with its `{{name}}` places filled in. */
export async function filledManifest(
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const text = await readFile(manifestFile(name), "utf8");
  return text.replaceAll(/\{\{(\w+)\}\}/g, (place, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`${name}: nothing given for ${place}`);
    return value;
  });
}
