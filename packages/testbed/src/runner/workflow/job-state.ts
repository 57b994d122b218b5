import { join } from "node:path";
import { parseKeyValues } from "../file-commands.ts";
import type { JobSettings, StepResult } from "../hook-caller.ts";
import type { WorkLayout } from "../work-layout.ts";
import { type ExpressionScope, evaluate, isTrue } from "./expression.ts";
import { hashFiles } from "./hash-files.ts";
import type { PreparedJob } from "./prepare-response.ts";
import type { JobSpec } from "./workflow-file.ts";

export type Conclusion = "success" | "failure" | "cancelled" | "skipped";

/** What `steps.<id>` is in expressions. */
interface StepContext {
  readonly outputs: Readonly<Record<string, string>>;
  readonly outcome: Conclusion;
  readonly conclusion: Conclusion;
}

/** The steps of a job, or those of one use of a composite action: they see one another, and nobody else's ids. */
export interface Scope {
  status: "success" | "failure";
  readonly steps: Record<string, StepContext>;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly actionFolder: string | undefined;
}

/** What steps change for the steps after them. */
export class JobState {
  readonly layout: WorkLayout;
  cancelled = false;
  prepared: PreparedJob | undefined;
  readonly #settings: JobSettings;
  readonly #job: JobSpec;
  readonly #env: Record<string, string>;
  /** The newest first. */
  #path: readonly string[] = [];

  constructor(settings: JobSettings, job: JobSpec, layout: WorkLayout) {
    this.#settings = settings;
    this.#job = job;
    this.layout = layout;
    this.#env = { ...job.env };
  }

  get prependPath(): readonly string[] {
    return this.#path;
  }

  /** Variables for a step, with paths as the runner has them. */
  environment(scope: Scope, own: Readonly<Record<string, string>>): Record<string, string> {
    const { action_path, ...github } = this.#github(scope);
    const context = Object.entries({ ...github, ...(action_path === "" ? {} : { action_path }) });
    return {
      ...this.#env,
      ...scope.env,
      ...own,
      ...Object.fromEntries(context.map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value])),
      ...Object.fromEntries(
        Object.entries(this.#runner()).map(([name, value]) => [`RUNNER_${name.toUpperCase()}`, value]),
      ),
    };
  }

  /** What GITHUB_ENV and GITHUB_PATH of a step say, for those after it. */
  take({ fileCommands }: StepResult): void {
    Object.assign(this.#env, parseKeyValues(fileCommands["GITHUB_ENV"] ?? ""));
    const added = (fileCommands["GITHUB_PATH"] ?? "").split("\n").filter((line) => line !== "");
    this.#path = [...added.reverse(), ...this.#path];
  }

  expressions(scope: Scope, own: Readonly<Record<string, string>> = {}): ExpressionScope {
    return {
      contexts: {
        env: { ...this.#env, ...scope.env, ...own },
        steps: scope.steps,
        inputs: scope.inputs,
        github: this.#github(scope),
        runner: this.#runner(),
        job: this.#jobContext(scope),
      },
      functions: {
        always: () => true,
        cancelled: () => this.cancelled,
        success: () => !this.cancelled && scope.status === "success",
        failure: () => !this.cancelled && scope.status === "failure",
        hashFiles: (...patterns) => hashFiles(this.layout.workspace, patterns.map(String)),
      },
    };
  }

  /** `if:`; success() is implied unless it asks for a status itself. */
  holds(condition: string | undefined, scope: Scope): boolean {
    const text = (condition ?? "success()").trim().replace(/^\$\{\{(.*)\}\}$/s, "$1");
    const asks = /\b(always|cancelled|success|failure)\s*\(/.test(text);
    return isTrue(evaluate(asks ? text : `success() && (${text})`, this.expressions(scope)));
  }

  #jobContext(scope: Scope): object {
    const { container, services = [] } = this.prepared ?? {};
    const aliases = Object.keys(this.#job.services);
    return {
      status: this.cancelled ? "cancelled" : scope.status,
      container,
      services: Object.fromEntries(aliases.map((alias, index) => [alias, services[index]])),
    };
  }

  #github(scope: Scope): Record<string, string> {
    const { repository } = this.#settings;
    return {
      action_path: scope.actionFolder ?? "",
      actor: "octocat",
      api_url: "https://api.github.com",
      event_name: "push",
      event_path: join(this.layout.workflow, "event.json"),
      job: this.#job.id,
      ref: "refs/heads/main",
      repository,
      repository_owner: repository.split("/")[0] ?? "",
      run_id: "4711",
      run_number: "1",
      server_url: "https://github.com",
      sha: "0123456789abcdef0123456789abcdef01234567",
      workflow: this.#job.workflow,
      workspace: this.layout.workspace,
    };
  }

  #runner(): Record<string, string> {
    return {
      os: "Linux",
      arch: "X64",
      name: "test-bed",
      temp: this.layout.temp,
      tool_cache: join(this.layout.root, "_tool"),
      workspace: this.layout.runnerWorkspace,
    };
  }
}
