import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JobRecord } from "../runner/workflow/job-record.ts";
import { parseWorkflow } from "../runner/workflow/workflow-file.ts";
import { WorkflowJob, type WorkflowOptions } from "../runner/workflow/workflow-job.ts";
import { LOCAL_HOOK } from "./local-hook.ts";

/** What the hook was sent by one call. */
export interface SeenInput {
  readonly command: string;
  readonly state: unknown;
  readonly args: {
    readonly container: Readonly<Record<string, unknown>>;
    readonly services: unknown;
    readonly entryPointArgs: readonly string[];
    readonly environmentVariables: Readonly<Record<string, string>>;
    readonly prependPath: readonly string[];
  };
}

/** The driver on this machine with a hook that runs script steps here. */
export class LocalRunner {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<LocalRunner> {
    const runner = new LocalRunner(await mkdtemp(join(tmpdir(), "slipway-driver-")));
    await runner.place("hook.cjs", LOCAL_HOOK);
    return runner;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  async place(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text);
  }

  async runJob(
    text: string,
    { env = {}, ...options }: WorkflowOptions & { readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<JobRecord & { readonly log: string }> {
    const log: string[] = [];
    const settings = {
      work: join(this.folder, "_work"),
      node: process.execPath,
      hook: join(this.folder, "hook.cjs"),
      repository: "octo-org/app",
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", INPUTS: join(this.folder, "inputs"), ...env },
      event: { action: "demo" },
    };
    const job = new WorkflowJob(settings, parseWorkflow(text), options, (chunk) => log.push(String(chunk)));
    return { ...(await job.run()), log: log.join("") };
  }

  async inputs(): Promise<SeenInput[]> {
    const lines = (await readFile(join(this.folder, "inputs"), "utf8")).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as SeenInput);
  }

  async argsOf(call: number): Promise<SeenInput["args"]> {
    const input = (await this.inputs())[call];
    if (input === undefined) throw new Error(`There was no call ${call}`);
    return input.args;
  }
}

/** An expression as workflows write it. */
export function expression(text: string): string {
  return `$\{{ ${text} }}`;
}

/** Steps of a job in a container. */
export function steps(...texts: string[]): string {
  const lines = texts.flatMap((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => `      ${line}`),
  );
  return ["jobs:", "  job:", "    container: debian", "    steps:", ...lines].join("\n");
}
