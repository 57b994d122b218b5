import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Testbed } from "@slipway/testbed";
import type { SenderResult, SenderTask } from "./context-transfer-sender.ts";

const POD = "slipway-bench-transfer";
const CONTAINER = "receive";
const VOLUME = "/data";
const AGENT = join(import.meta.dirname, "../../../packages/agent/dist/agent.cjs");

/** A pod like the one that receives contexts, but one that stays, so that it can receive many times. */
export class TransferPod {
  readonly #testbed: Testbed;
  #folders = 0;

  constructor(testbed: Testbed) {
    this.#testbed = testbed;
  }

  async create(): Promise<void> {
    await this.delete();
    await this.#kubectl(["create", "-f", "-"], JSON.stringify(podOf(this.#testbed)));
    await this.#kubectl(["wait", `pod/${POD}`, "--for=condition=Ready", "--timeout=120s"]);
    await this.#shell("cat > /slipway/agent.cjs", await readFile(AGENT));
  }

  async delete(): Promise<void> {
    await this.#kubectl(["delete", "pod", POD, "--ignore-not-found", "--grace-period=0", "--force"]);
  }

  /** An empty folder of the pod, new for every run. */
  async makeFolder(): Promise<string> {
    this.#folders += 1;
    const folder = `${VOLUME}/${this.#folders}`;
    await this.#shell(`mkdir ${folder}`);
    return folder;
  }

  /**
   * How many bytes of content a folder holds; they are freed. The files stay, empty: ext4 searches long for an inode while it
   * remembers recently deleted ones, which would be measured in the next run.
   */
  async emptyFiles(folder: string): Promise<number> {
    const sum = "awk '{ n += $1 } END { print n + 0 }'";
    return Number(
      await this.#shell(
        `cd ${folder}; find . -type f -printf '%s\\n' | ${sum}; find . -type f -exec truncate -s 0 {} +`,
      ),
    );
  }

  /** Milliseconds for the folder, into one of the pod's, by `tar | kubectl exec -- tar`, from the first process started to the last ended. */
  async sendByTar(folder: string, into: string): Promise<number> {
    const start = performance.now();
    const tar = spawn("tar", ["cf", "-", "-C", folder, "."], { stdio: ["ignore", "pipe", "inherit"] });
    const exec = this.#exec(["tar", "xf", "-", "-C", into], tar.stdout);
    // Closed here, or tar would never learn that the other end is gone.
    tar.stdout.destroy();
    const codes = await Promise.all([once(tar, "exit"), once(exec, "exit")]);
    if (codes.some(([code]) => code !== 0)) throw new Error(`tar and kubectl ended with ${codes}`);
    return performance.now() - start;
  }

  /** The same by the given sender, a bundle of context-transfer-sender.ts, in a process of its own. */
  async sendByTree(sender: string, folder: string, into: string): Promise<SenderResult> {
    const { namespace, agentNode: node, kubeconfig } = this.#testbed;
    const task: SenderTask = { namespace, pod: POD, container: CONTAINER, node, from: folder, into };
    const child = spawn(process.execPath, [sender, JSON.stringify(task)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { KUBECONFIG: kubeconfig },
    });
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    if (code !== 0) throw new Error(`the sender ended with ${code}`);
    return JSON.parse(printed) as SenderResult;
  }

  async #shell(script: string, input = Buffer.alloc(0)): Promise<string> {
    const exec = this.#exec(["sh", "-ec", script]);
    exec.stdin?.end(input);
    const [printed, [code]] = await Promise.all([
      exec.stdout === null ? "" : text(exec.stdout),
      once(exec, "exit"),
    ]);
    if (code !== 0) throw new Error(`in pod ${POD}, exit code ${code}: ${script}`);
    return printed;
  }

  #exec(command: readonly string[], stdin: NodeJS.ReadableStream | "pipe" = "pipe") {
    const { kubectl, kubeconfig, namespace } = this.#testbed;
    const args = ["--kubeconfig", kubeconfig, "-n", namespace, "exec", "-i", POD, "-c", CONTAINER, "--"];
    return spawn(kubectl, [...args, ...command], {
      stdio: [stdin as import("node:stream").Readable | "pipe", "pipe", "inherit"],
    });
  }

  #kubectl(args: readonly string[], input = ""): Promise<string> {
    return this.#testbed.runKubectl(["-n", this.#testbed.namespace, ...args], { input });
  }
}

function podOf({ agentImage: image }: Testbed): object {
  const volumeMounts = [
    { name: "agent", mountPath: "/slipway" },
    { name: "data", mountPath: VOLUME },
  ];
  const securityContext = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
  const command = ["sleep", "3600"];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: POD },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: 3600,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [{ name: CONTAINER, image, command, securityContext, volumeMounts }],
      volumes: [
        { name: "agent", emptyDir: {} },
        { name: "data", emptyDir: {} },
      ],
    },
  };
}
