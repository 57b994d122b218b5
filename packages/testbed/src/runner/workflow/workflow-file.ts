import { parse } from "yaml";

/** `container:` or one of `services:` (GitHub documentation, "Workflow syntax", `jobs.<job_id>.container`). */
export interface ContainerSpec {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly options: string | undefined;
  /** Of newer runners: what runs instead of the image's own entry point, and its arguments. */
  readonly entrypoint: string | undefined;
  readonly command: string | undefined;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** One of `steps:`, expressions not evaluated yet. */
export interface StepSpec {
  readonly id: string | undefined;
  readonly name: string;
  readonly condition: string | undefined;
  readonly continueOnError: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly run: string | undefined;
  readonly shell: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly uses: string | undefined;
  readonly with: Readonly<Record<string, string>>;
}

/** One job of a workflow file, as far as the runner is concerned. */
export interface JobSpec {
  readonly workflow: string;
  readonly id: string;
  readonly container: ContainerSpec | undefined;
  readonly services: Readonly<Record<string, ContainerSpec>>;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly steps: readonly StepSpec[];
}

interface ContainerYaml {
  readonly image: string;
  readonly env?: Record<string, unknown>;
  readonly options?: string;
  readonly entrypoint?: string;
  readonly command?: string;
  readonly ports?: unknown[];
  readonly volumes?: string[];
  readonly credentials?: { username: string; password: string };
}

/** `steps:` of a workflow and of a composite action, as they are written. */
export type StepYaml = Readonly<Record<string, unknown>>;

interface WorkflowYaml {
  readonly name?: string;
  readonly env?: Record<string, unknown>;
  readonly jobs: Record<
    string,
    {
      readonly container?: string | ContainerYaml;
      readonly services?: Record<string, ContainerYaml>;
      readonly env?: Record<string, unknown>;
      readonly defaults?: { readonly run?: Record<string, string> };
      readonly steps: StepYaml[];
    }
  >;
}

/** Reads the only job of a workflow file. */
export function parseWorkflow(text: string): JobSpec {
  const yaml = parse(text) as WorkflowYaml;
  const [[id, job] = [], another] = Object.entries(yaml.jobs);
  if (id === undefined || job === undefined || another !== undefined)
    throw new Error("A workflow of the test bed has exactly one job");
  const { container, services = {}, defaults } = job;
  return {
    workflow: yaml.name ?? id,
    id,
    container:
      typeof container === "string"
        ? containerSpec({ image: container })
        : container && containerSpec(container),
    services: Object.fromEntries(
      Object.entries(services).map(([alias, service]) => [alias, containerSpec(service)]),
    ),
    env: { ...texts(yaml.env), ...texts(job.env) },
    shell: defaults?.run?.["shell"],
    workingDirectory: defaults?.run?.["working-directory"],
    steps: job.steps.map(stepSpec),
  };
}

export function stepSpec(yaml: StepYaml): StepSpec {
  const text = (key: string): string | undefined => (yaml[key] === undefined ? undefined : String(yaml[key]));
  return {
    id: text("id"),
    name: text("name") ?? text("id") ?? text("uses") ?? `Run ${text("run")?.split("\n")[0]}`,
    condition: text("if"),
    continueOnError: yaml["continue-on-error"] === true,
    env: texts(yaml["env"]),
    run: text("run"),
    shell: text("shell"),
    workingDirectory: text("working-directory"),
    uses: text("uses"),
    with: texts(yaml["with"]),
  };
}

function containerSpec({ image, env, options, entrypoint, command, ...lists }: ContainerYaml): ContainerSpec {
  const { ports = [], volumes = [], credentials } = lists;
  return {
    image,
    env: texts(env),
    options,
    entrypoint,
    command,
    ports: ports.map(String),
    volumes,
    credentials,
  };
}

function texts(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, String(value ?? "")]));
}
