import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { type ApiServer, type ScriptedPod, spawnedCommand } from "@slipway/kube/testing";

/** What a container of a step finds when it starts. */
export interface StartedJob {
  readonly pod: V1Pod;
  readonly container: V1Container;
  /** Environment, with the values of the Secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly script: ScriptedPod;
  /** Where a path of the container lies on this machine. */
  path(inContainer: string): string;
}

/** Plays the action: prints through `script.log`, and resolves with the exit code. */
export type Action = (job: StartedJob) => Promise<number> | number;

/** A cluster's Job controller and kubelet: pods run the real agent as processes of this machine, and a test's function as the action. */
export class ScriptedKubelet {
  readonly #server: ApiServer;
  readonly #children: ChildProcess[] = [];
  readonly #volumes = new Map<string, string>();
  readonly #claims = new Map<string, string>();
  #action: Action = () => 0;
  #toLose = 0;
  /** Names of the pods whose action was started. */
  readonly started: string[] = [];

  constructor(server: ApiServer) {
    this.#server = server;
    server.onCreate((resource, object) => {
      if (resource === "jobs") this.#run(this.#podOfJob(object as unknown as JobLike));
      if (resource === "pods") this.#run(server.pod(object.metadata.name).pod);
    });
    server.onExec(
      spawnedCommand((command, call) => command.map((word) => this.#onThisMachine(word, call.pod))),
    );
  }

  /** A claim, and the folder of this machine that it is. */
  claim(name: string, folder: string): void {
    this.#claims.set(name, folder);
  }

  /** A pod that somebody else plays, with its agent in this folder: exec goes there. */
  adopt(pod: string, home: string): void {
    this.#volumes.set(pod, home);
  }

  runs(action: Action): void {
    this.#action = action;
  }

  /** The next pods are deleted by somebody while they are prepared. */
  loses(count: number): void {
    this.#toLose = count;
  }

  stop(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  #podOfJob(job: JobLike): V1Pod {
    const { template } = job.spec;
    const name = `${job.metadata.name}-abcde`;
    return this.#server.addPod({ ...template, metadata: { ...template.metadata, name } }).pod;
  }

  #run(pod: V1Pod): void {
    this.#live(pod).catch((error: unknown) => {
      this.#server.pod(nameOf(pod)).phase("Failed", "TestFailed", String(error));
    });
  }

  async #live(pod: V1Pod): Promise<void> {
    const name = nameOf(pod);
    const script = this.#server.pod(name);
    const home = await mkdtemp(join(tmpdir(), "slipway-pod-"));
    await mkdir(join(home, "work"));
    this.#volumes.set(name, home);
    const receive = pod.spec?.initContainers?.[0];
    const job = pod.spec?.containers.find((container) => container.name === "job");
    if (job === undefined) throw new Error("not a step's pod");
    if (this.#toLose > 0) {
      this.#toLose -= 1;
      while (!this.#isWatched(name)) await turn();
      this.#server.remove("pods", name);
      return;
    }
    if (receive !== undefined) {
      script.running("receive");
      const code = await this.#runAgent(receive, name);
      script.terminated("receive", code);
      if (code !== 0) return void script.phase("Failed");
    }
    script.phase("Running");
    for (const container of pod.spec?.containers ?? []) script.running(container.name);
    this.started.push(name);
    const exitCode = await this.#action({
      pod,
      container: job,
      env: this.#envOf(job),
      script,
      path: (inContainer) => hostPath(job, this.#workVolume(pod, home), inContainer),
    });
    script.terminated("job", exitCode);
  }

  #workVolume(pod: V1Pod, home: string): string {
    const claim = pod.spec?.volumes?.find(({ name }) => name === "work")?.persistentVolumeClaim?.claimName;
    if (claim === undefined) return join(home, "work");
    const folder = this.#claims.get(claim);
    if (folder === undefined) throw new Error(`there is no claim ${claim}`);
    return folder;
  }

  #isWatched(pod: string): boolean {
    return this.#server.requests.some(
      ({ verb, resource, name }) => verb === "get" && resource === "pods" && name === pod,
    );
  }

  async #runAgent(container: V1Container, pod: string): Promise<number> {
    const [node = "", ...args] = (container.command ?? []).map((word) =>
      this.#onThisMachine(word.replaceAll("$$", "$"), pod),
    );
    const child = spawn(node, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#children.push(child);
    return new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 137)));
  }

  /** The agent's folder is a temporary one here, and its Node is ours. */
  #onThisMachine(word: string, pod: string): string {
    const home = this.#volumes.get(pod) ?? "";
    if (word === "/agent-node") return process.execPath;
    if (word.startsWith("{")) {
      const termination = join(home, "termination-log");
      return JSON.stringify({
        home,
        terminationLog: termination,
        ...JSON.parse(word.replaceAll("/slipway", home)),
      });
    }
    return word.startsWith("/slipway/") ? word.replace("/slipway", home) : word;
  }

  #envOf(job: V1Container): Record<string, string> {
    const values = (job.env ?? []).map(({ name, valueFrom }) => {
      const { name: secret = "", key = "" } = valueFrom?.secretKeyRef ?? {};
      const found = this.#server.objects("secrets").find(({ metadata }) => metadata.name === secret);
      const data = (found as { data?: Record<string, string> } | undefined)?.data ?? {};
      return [name, Buffer.from(data[key] ?? "", "base64").toString("utf8")];
    });
    return Object.fromEntries(values);
  }
}

interface JobLike {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: V1Pod };
}

function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? "";
}

function hostPath(job: V1Container, volume: string, path: string): string {
  const mounts = (job.volumeMounts ?? []).toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  const mount = mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
  if (mount === undefined) throw new Error(`nothing is mounted at ${path}`);
  return join(volume, mount.subPath ?? "", path.slice(mount.mountPath.length));
}
