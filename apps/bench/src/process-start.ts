import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleOf } from "./bundle.ts";
import { type Figure, median } from "./figure.ts";

const RUNS = 9;
/** Refused before any request: by ours for the command, by the re-enactment for not being JSON. */
const UNKNOWN_COMMAND = JSON.stringify({ command: "nope", args: {}, responseFile: null, state: null });
const NO_JSON = "nope";
const INPUT = { command: "cleanup_job", args: {}, responseFile: null, state: null };

interface Start {
  readonly ms: number;
  readonly peakMb: number;
}

/** What every call of the hook pays before it does anything. */
export async function processStartFigures(hook: string): Promise<Figure[]> {
  const officialHook = await bundleOf(join(import.meta.dirname, "official/main.ts"), { minify: false });
  const starts: Start[] = [];
  const bare: number[] = [];
  const refused: number[] = [];
  const officialRefused: number[] = [];
  for (let n = 0; n < RUNS; n += 1) {
    bare.push(await processTime(["-e", "0"], "", 0));
    refused.push(await processTime([hook], UNKNOWN_COMMAND, 1));
    officialRefused.push(await processTime([officialHook], NO_JSON, 1));
    starts.push(await untilFirstRequest(hook));
  }
  const ms = median(starts.map((start) => start.ms));
  const detail = `${ms.toFixed(0)} ms / ${median(bare).toFixed(0)} ms, medians of ${RUNS}`;
  const bundleMb = (await stat(hook)).size / 1e6;
  return [
    badCommandFigure({ refused, officialRefused, bare }),
    {
      name: "process start to first API request / node -e 0",
      value: ms / median(bare),
      unit: "ratio",
      budget: 3,
      better: "lower",
      detail,
    },
    {
      name: "peak memory at the first API request",
      value: median(starts.map(({ peakMb }) => peakMb)),
      unit: "MB",
      budget: 80,
      better: "lower",
      detail: "VmHWM",
    },
    {
      name: "size of the bundle",
      value: bundleMb,
      unit: "MB",
      budget: 4,
      better: "lower",
      detail: "packages/hook/dist/index.js",
    },
  ];
}

type Times = Readonly<Record<"refused" | "officialRefused" | "bare", readonly number[]>>;

function badCommandFigure({ refused, officialRefused, bare }: Times): Figure {
  const ms = (times: readonly number[]): string => `${median(times).toFixed(0)} ms`;
  return {
    name: "a command that does not exist / node -e 0",
    value: median(refused) / median(bare),
    unit: "ratio",
    budget: 2,
    better: "lower",
    detail: `${ms(refused)} / ${ms(bare)}, medians of ${RUNS}; a program that loads what the official hook loads: ${ms(officialRefused)}`,
  };
}

/** Milliseconds of a process of Node that makes no request. */
async function processTime(args: readonly string[], input: string, expected: number): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [...args], { stdio: ["pipe", "ignore", "ignore"], env: {} });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number];
  if (code !== expected) throw new Error(`${args.join(" ")} ended with ${code}`);
  return performance.now() - started;
}

/** The cluster is a socket here: what is measured ends with the first byte that arrives. */
async function untilFirstRequest(hook: string): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-start-"));
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const kubeconfig = join(folder, "config");
  await writeFile(kubeconfig, kubeconfigFor((server.address() as AddressInfo).port));
  const started = performance.now();
  const child = spawn(process.execPath, [hook], {
    env: {
      KUBECONFIG: kubeconfig,
      ACTIONS_RUNNER_POD_NAME: "bench",
      ACTIONS_RUNNER_KUBERNETES_NAMESPACE: "bench",
      RUNNER_WORKSPACE: folder,
      RUNNER_TEMP: folder,
      GITHUB_WORKSPACE: folder,
    },
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end(`${JSON.stringify(INPUT)}\n`);
  try {
    await Promise.race([once(server, "request"), endedTooEarly(child)]);
    const ms = performance.now() - started;
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    return { ms, peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1000 };
  } finally {
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
}

async function endedTooEarly(child: ReturnType<typeof spawn>): Promise<never> {
  const [code] = (await once(child, "close")) as [number];
  throw new Error(`The hook ended with ${code} before its first request`);
}

function kubeconfigFor(port: number): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
    ],
    users: [{ name: "u", user: { token: "bench" } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "bench" } }],
    "current-context": "c",
  });
}
