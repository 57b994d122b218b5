import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { type CallResult, type HookCallRequest, STEP_ID } from "./call-request.ts";
import { CountingProxy, type PodCluster } from "./counting-proxy.ts";

const FILE_COMMANDS = ["set_output", "set_env", "add_path", "save_state", "step_summary"];

/** Calls a hook as the runner does: empty response file, the step's file commands and script written before, removed after. */
export async function callHook(
  request: HookCallRequest,
  env: NodeJS.ProcessEnv,
  cluster: PodCluster,
): Promise<CallResult> {
  const scratch = await mkdtemp(join(tmpdir(), "slipway-call-"));
  const id = randomUUID();
  const files = await writeStepFiles(request, id);
  const { peakFile, variables } = await probePeak(scratch);
  const proxy = request.counted ? await CountingProxy.start(cluster) : undefined;
  if (proxy !== undefined) await writeFile(join(scratch, "config"), proxy.kubeconfig);
  const ended = await runProcess(withStepId(request, id), responseFileOf(request, id), {
    ...env,
    ...runnerEnvironment(request),
    ...request.env,
    ...variables,
    ...(proxy === undefined ? {} : { KUBECONFIG: join(scratch, "config") }),
  });
  const response = await readFile(responseFileOf(request, id), "utf8");
  const peakMb = (Number(await readFile(peakFile, "utf8")) * 1024) / 1e6;
  for (const path of [...files, scratch]) await rm(path, { recursive: true, force: true });
  return {
    ...ended,
    peakMb,
    state: stateAfter(request.state, response),
    ...(proxy === undefined ? {} : { requests: proxy.stop() }),
  };
}

async function runProcess(
  { node, hook, command, args, state, ...request }: HookCallRequest,
  responseFile: string,
  env: NodeJS.ProcessEnv,
): Promise<Pick<CallResult, "exitCode" | "ms" | "output">> {
  const started = performance.now();
  const cwd = workspaceOf(request);
  const child = spawn(node, [hook], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(`${JSON.stringify({ command, responseFile, args, state })}\n`);
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await once(child, "close")) as [number | null];
  const ms = performance.now() - started;
  return { exitCode, ms, output: (await printed).join("") };
}

/** Lets the process itself write down its peak memory at its end; nobody else can see it by then. */
async function probePeak(folder: string): Promise<{ peakFile: string; variables: Record<string, string> }> {
  const peakFile = join(folder, "peak");
  const probe = join(folder, "probe.cjs");
  const write = `require("fs").writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS))`;
  await writeFile(probe, `process.on("exit", () => ${write});`);
  return { peakFile, variables: { NODE_OPTIONS: `--require ${probe}` } };
}

type Work = Pick<HookCallRequest, "work" | "repository">;

/** What the runner has written by the time of a call. Returns the files that it removes afterwards. */
async function writeStepFiles(request: HookCallRequest, id: string): Promise<string[]> {
  await makeFolders(request);
  const temp = join(request.work, "_temp");
  const commands = FILE_COMMANDS.map((kind) => join(temp, "_runner_file_commands", `${kind}_${id}`));
  const files = [responseFileOf(request, id), ...commands];
  for (const file of files) await writeFile(file, "");
  if (request.script !== undefined) await writeFile(join(temp, `${id}.sh`), request.script);
  return files;
}

async function makeFolders({ work, repository }: Work): Promise<void> {
  const temp = join(work, "_temp");
  const below = ["_github_home", "_github_workflow", "_runner_file_commands", "_runner_hook_responses"];
  const ofTemp = below.map((name) => join(temp, name));
  for (const folder of [workspaceOf({ work, repository }), join(work, "_actions"), ...ofTemp])
    await mkdir(folder, { recursive: true });
  await writeFile(join(temp, "_github_workflow/event.json"), '{"action":"bench"}');
}

function responseFileOf({ work }: Work, id: string): string {
  return join(work, "_temp/_runner_hook_responses", `${id}.json`);
}

function workspaceOf({ work, repository }: Work): string {
  return join(work, basename(repository), basename(repository));
}

function runnerEnvironment({ work, repository }: Work): Record<string, string> {
  return {
    GITHUB_ACTIONS: "true",
    CI: "true",
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKSPACE: workspaceOf({ work, repository }),
    RUNNER_WORKSPACE: join(work, basename(repository)),
    RUNNER_TEMP: join(work, "_temp"),
  };
}

function withStepId(request: HookCallRequest, id: string): HookCallRequest {
  return JSON.parse(JSON.stringify(request).replaceAll(STEP_ID, id)) as HookCallRequest;
}

/** An empty response says nothing; a state in it replaces the one before. */
function stateAfter(state: unknown, response: string): unknown {
  if (response.trim() === "") return state;
  return (JSON.parse(response) as { state?: unknown }).state ?? state;
}
