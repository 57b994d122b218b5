import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  BuildError,
  type BuildRequest,
  type BuildSession,
  contextFiles,
  type IncludePath,
  type Instruction,
  parseDockerfile,
  throwIfCancelled,
} from "@slipway/core";
import { type PullOptions, pullBase, type RunConfig } from "./base-image.ts";
import { copyFiles } from "./copy-files.ts";
import { runOnHost } from "./host-shell.ts";
import { expand, splitPair, splitWords } from "./variables.ts";
import type { FinishedImage } from "./write-layout.ts";

interface Stage {
  readonly name: string;
  readonly root: string;
  config: RunConfig;
  /** ARG and ENV. */
  readonly values: Map<string, string>;
}

export interface StagesOptions extends PullOptions {
  readonly request: BuildRequest;
  readonly session: BuildSession;
  /** Where stages have their files. */
  readonly folder: string;
}

/** Builds stage after stage, up to the target. */
export async function buildStages(text: string, options: StagesOptions): Promise<FinishedImage> {
  const { context, dockerfile, target, platform, labels } = options.request;
  const { include } = await contextFiles(context.path, dockerfile);
  const build = new StageBuild(include, options);
  for (const instruction of parseDockerfile(text).instructions) {
    throwIfCancelled(options.signal);
    if (instruction.keyword === "FROM" && target !== undefined && build.isAt(target)) break;
    await build.run(instruction);
  }
  const { root, config } = build.current;
  const own = process.arch === "arm64" ? "arm64" : "amd64";
  return {
    root,
    config: { ...config, Labels: { ...config.Labels, ...labels } },
    architecture: platform?.split("/")[1] ?? own,
  };
}

class StageBuild {
  readonly #include: IncludePath;
  readonly #options: StagesOptions;
  readonly #stages: Stage[] = [];
  readonly #globals = new Map<string, string>();

  constructor(include: IncludePath, options: StagesOptions) {
    this.#include = include;
    this.#options = options;
  }

  get current(): Stage {
    const stage = this.#stages.at(-1);
    if (stage === undefined)
      throw new BuildError("INVALID_REQUEST", "The Dockerfile has no FROM", { remedy: "Add one" });
    return stage;
  }

  isAt(target: string): boolean {
    const at = this.#stages.length - 1;
    return this.#stages[at]?.name === target.toLowerCase() || String(at) === target;
  }

  async run(instruction: Instruction): Promise<void> {
    const { keyword, args, json } = instruction;
    if (keyword === "FROM") return this.#from(args);
    if (keyword === "ARG") return this.#arg(args);
    const stage = this.current;
    if (keyword === "RUN") return this.#run(instruction);
    if (keyword === "COPY") return this.#copy(instruction);
    if (keyword === "ENV") return this.#env(stage, args);
    if (keyword === "LABEL") return this.#set({ Labels: { ...stage.config.Labels, ...this.#pairs(args) } });
    if (keyword === "USER") return this.#set({ User: this.#expand(args) });
    if (keyword === "WORKDIR") return this.#workdir(this.#expand(args));
    if (keyword === "HEALTHCHECK") return this.#set({ Healthcheck: healthcheck(instruction) });
    const command = json ?? ["/bin/sh", "-c", args];
    if (keyword === "CMD") return this.#set({ Cmd: command });
    if (keyword === "ENTRYPOINT") return this.#set({ Entrypoint: command });
    throw new BuildError("BUILD_FAILED", `${keyword} is not an instruction of this builder`, {
      remedy: "Use another builder",
    });
  }

  async #from(args: string): Promise<void> {
    const [image = "", , name = ""] = splitWords(args).map((word) => expand(word, this.#globals));
    const root = join(this.#options.folder, `stage-${this.#stages.length}`);
    await mkdir(root);
    const before = this.#stages.find((stage) => stage.name === image.toLowerCase());
    let config: RunConfig = {};
    if (before !== undefined) {
      await copyFiles({ from: before.root, sources: ["."], target: root, include: () => true });
      config = before.config;
    } else if (image !== "scratch") config = await pullBase(image, root, this.#options);
    const values = new Map(
      (config.Env ?? []).map((line) => splitPair(line)).map(([key, value = ""]) => [key, value]),
    );
    this.#stages.push({ name: name.toLowerCase(), root, config, values });
  }

  #arg(args: string): void {
    const values = this.#stages.at(-1)?.values ?? this.#globals;
    for (const word of splitWords(args)) {
      const [name, fallback] = splitPair(word);
      const given = this.#options.request.buildArgs?.[name];
      const value = given ?? (fallback === undefined ? this.#globals.get(name) : expand(fallback, values));
      if (value !== undefined) values.set(name, value);
    }
  }

  #env(stage: Stage, args: string): void {
    const pairs = this.#pairs(args);
    for (const [name, value] of Object.entries(pairs)) stage.values.set(name, value);
    const kept = (stage.config.Env ?? []).filter((line) => !Object.hasOwn(pairs, splitPair(line)[0]));
    this.#set({ Env: [...kept, ...Object.entries(pairs).map(([name, value]) => `${name}=${value}`)] });
  }

  async #workdir(path: string): Promise<void> {
    const folder = this.#absolute(path).replace(/(.)\/$/, "$1");
    await mkdir(join(this.current.root, folder), { recursive: true });
    this.#set({ WorkingDir: folder });
  }

  async #run({ args, json, heredocs }: Instruction): Promise<void> {
    const { root, values } = this.current;
    const [heredoc] = heredocs;
    const command: readonly [string, ...string[]] =
      json?.[0] === undefined ? ["/bin/sh", "-c", heredoc?.content ?? args] : [json[0], ...json.slice(1)];
    await runOnHost({
      instruction: `RUN ${args}`,
      command,
      folder: join(root, this.#absolute(".")),
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...Object.fromEntries(values) },
      signal: this.#options.signal,
      onLine: (line) => this.#options.session.emit({ type: "log", line }),
    });
  }

  async #copy({ args, json, flags, heredocs }: Instruction): Promise<void> {
    const words = (json ?? splitWords(args)).map((word) => this.#expand(word));
    const { root } = this.current;
    const target = join(root, this.#absolute(words.at(-1) ?? ""));
    const flag = (name: string) => flags.find((one) => one.name === name)?.value;
    const mode = flag("chmod") === undefined ? {} : { mode: Number.parseInt(flag("chmod") ?? "", 8) };
    const [heredoc] = heredocs;
    if (heredoc !== undefined) {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, heredoc.content);
      return chmod(target, mode.mode ?? 0o644);
    }
    const stage = this.#stages.find(({ name }, index) =>
      [name, String(index)].includes(flag("from")?.toLowerCase() ?? "none"),
    );
    const from = stage?.root ?? this.#options.request.context.path;
    const include = stage === undefined ? this.#include : () => true;
    await copyFiles({ from, sources: words.slice(0, -1), target, include, ...mode });
  }

  #set(change: RunConfig): void {
    const stage = this.current;
    stage.config = { ...stage.config, ...change };
  }

  #pairs(args: string): Record<string, string> {
    return Object.fromEntries(
      splitWords(args).map((word) => {
        const [name, value = ""] = splitPair(word);
        return [this.#expand(name), this.#expand(value)];
      }),
    );
  }

  #expand(word: string): string {
    return expand(word, this.current.values);
  }

  /** Below the working directory, unless it says otherwise; a slash at the end is kept. */
  #absolute(path: string): string {
    if (path.startsWith("/")) return path;
    return join(String(this.current.config["WorkingDir"] ?? "/"), path);
  }
}

/** Durations in nanoseconds (Docker image specification v1.2, "Healthcheck"). */
function healthcheck({ args, flags }: Instruction): object {
  const seconds = flags.find(({ name }) => name === "start-interval")?.value?.replace(/s$/, "");
  const command = JSON.parse(args.replace(/^CMD\s+/, "")) as string[];
  return { Test: ["CMD", ...command], StartInterval: Number(seconds ?? 0) * 1e9 };
}
