import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BuildError } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubeApi } from "../kube-api.ts";
import {
  ApiServer,
  apiFor,
  type ExecCall,
  type ExecHandler,
  type Fault,
  ManualClock,
  spawnedCommand,
} from "../testing/index.ts";

let server: ApiServer;
let api: KubeApi;

beforeEach(async () => {
  await restart();
});
afterEach(async () => {
  await server.stop();
});

async function restart(execProtocols?: readonly string[]): Promise<void> {
  await server?.stop();
  server = await ApiServer.start(execProtocols === undefined ? {} : { execProtocols });
  server.addPod({ metadata: { name: "p" } }).running("c");
  api = apiFor(server);
}

async function* inChunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < data.length; offset += size) yield data.subarray(offset, offset + size);
}

/** Returns what it got. */
const echo: ExecHandler = async (call) => {
  for await (const chunk of call.stdin as AsyncIterable<Buffer>) await call.stdout(chunk);
  return 0;
};

const hash: ExecHandler = async (call) => {
  const sha256 = createHash("sha256");
  for await (const chunk of call.stdin as AsyncIterable<Buffer>) sha256.update(chunk);
  await call.stdout(Buffer.from(sha256.digest("hex")));
  return 0;
};

async function run(
  stdin?: Buffer,
  chunkSize = 100_000,
): Promise<{ exitCode: number; stderr: string; stdout: Buffer }> {
  const received: Buffer[] = [];
  const input = stdin === undefined ? {} : { stdin: inChunks(stdin, chunkSize) };
  const outcome = await api.exec("p", "c", ["cmd", "a b"], {
    ...input,
    stdout: (chunk) => void received.push(Buffer.from(chunk)),
  });
  return { ...outcome, stdout: Buffer.concat(received) };
}

function failure(): Promise<BuildError> {
  return run(Buffer.alloc(2_000_000)).then(
    () => Promise.reject(new Error("it succeeded")),
    (error: BuildError) => error,
  );
}

describe("exec", () => {
  it.each([1, 1000, 262_144, 5_000_000])("carries bytes both ways in chunks of %i", async (size) => {
    const data = randomBytes(size === 1 ? 300 : 3_000_000);
    server.onExec(echo);
    const { stdout, exitCode } = await run(data, size);
    expect(exitCode).toBe(0);
    expect(stdout.equals(data)).toBe(true);
  });

  it("talks with a command that answers before its input ends", async () => {
    server.onExec(echo);
    let answered: () => void = () => undefined;
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    async function* talk(): AsyncGenerator<Buffer> {
      yield Buffer.from("question");
      yield Buffer.alloc(0);
      await answer;
    }
    const { exitCode } = await api.exec("p", "c", ["cmd"], { stdin: talk(), stdout: () => answered() });
    expect(exitCode).toBe(0);
  });

  it("passes the command literally", async () => {
    let seen: ExecCall | undefined;
    server.onExec(async (call) => {
      seen = call;
      return 0;
    });
    await run();
    expect(seen?.command).toEqual(["cmd", "a b"]);
  });

  it("reports exit code and the end of stderr of a real process", async () => {
    server.onExec(spawnedCommand(() => ["sh", "-c", "cat >/dev/null; seq 1 30000 >&2; echo out; exit 42"]));
    const { exitCode, stderr, stdout } = await run(Buffer.from("in"));
    expect(exitCode).toBe(42);
    expect(stdout.toString()).toBe("out\n");
    expect(stderr).toMatch(/\n30000\n$/);
    expect(stderr.length).toBe(64 * 1024);
  });

  it("works with v4 where the command knows the end of its input", async () => {
    await restart(["v4.channel.k8s.io"]);
    server.onExec(async (call) => {
      let left = 1_000_000;
      for await (const chunk of call.stdin as AsyncIterable<Buffer>) {
        left -= chunk.length;
        if (left <= 0) break;
      }
      return 3;
    });
    expect((await run(Buffer.alloc(1_000_000))).exitCode).toBe(3);
  });

  it("ends when the command ends before its input does", async () => {
    server.onExec(async () => 7);
    expect((await run(Buffer.alloc(20_000_000))).exitCode).toBe(7);
  });

  it("rejects with what the source of the input threw", async () => {
    server.onExec(hash);
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      throw new Error("the file changed");
    }
    await expect(api.exec("p", "c", ["cmd"], { stdin: broken() })).rejects.toThrow("the file changed");
  });

  it("rejects with what the consumer of the output threw", async () => {
    server.onExec(echo);
    const stdout = () => Promise.reject(new Error("disk full"));
    await expect(
      api.exec("p", "c", ["cmd"], { stdin: inChunks(Buffer.alloc(10), 5), stdout }),
    ).rejects.toThrow("disk full");
  });

  it("waits for a slow consumer", async () => {
    let open = 0;
    let most = 0;
    server.onExec(echo);
    await api.exec("p", "c", ["cmd"], {
      stdin: inChunks(Buffer.alloc(2_000_000), 50_000),
      stdout: async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise(setImmediate);
        open -= 1;
      },
    });
    expect(most).toBe(1);
  });

  it("has bounded memory before a receiver that does not read", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        given += 1_000_000;
        yield Buffer.alloc(1_000_000);
      }
    }
    server.onExec(() => new Promise(() => undefined));
    const clock = new ManualClock({ running: true });
    const error = await apiFor(server, { clock })
      .exec("p", "c", ["cmd"], { stdin: endless() })
      .catch((e: BuildError) => e);
    expect(error).toMatchObject({
      code: "CLUSTER_UNAVAILABLE",
      message: expect.stringContaining("no sign of life") as string,
    });
    expect(given).toBeLessThan(40_000_000);
  });

  it("works over TLS, where frames are not masked", async () => {
    const fixture = (name: string) =>
      readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), "utf8");
    const [key, cert] = [fixture("key.pem"), fixture("good.cert.pem")];
    const secure = await ApiServer.start({ tls: { key, cert } });
    secure.addPod({ metadata: { name: "p" } }).running("c");
    secure.onExec(echo);
    api = apiFor(secure, { kubeconfig: secure.kubeconfig({ caData: Buffer.from(cert).toString("base64") }) });
    const data = randomBytes(3_000_000);
    expect((await run(data)).stdout.equals(data)).toBe(true);
    await secure.stop();
  });
});

describe("a connection that breaks", () => {
  const ways = (["in", "out"] as const).flatMap((direction) =>
    (["reset", "close", "freeze"] as const).flatMap((how) =>
      Array.from({ length: 8 }, (_, afterFrames) => ({ direction, how, afterFrames })),
    ),
  );

  it.each(ways)("$how after frame $afterFrames $direction never counts as success", async (way) => {
    // 2,000,000 bytes are eight frames in and as many out, then the half-close and the status.
    server.onExec(echo);
    server.fault({ resource: "pods/exec" }, { kind: "exec-drop", ...way });
    expect(await failure()).toMatchObject({ code: "CLUSTER_UNAVAILABLE", retryable: true });
  });

  it("is told apart from a container that is gone", async () => {
    server.pod("p").terminated("c", 0);
    expect(await failure()).toMatchObject({ code: "POD_LOST" });
  });
});

describe("frames that no server should send", () => {
  it.each([
    ["an empty one", Buffer.alloc(0)],
    ["of an unknown channel", Buffer.from([9, 1, 2])],
    ["a close of stdout", Buffer.from([255, 1])],
    ["a close of nothing", Buffer.from([255])],
    ["an empty status", Buffer.from([3])],
    ["a text", "hello"],
  ])("%s do no harm", async (_name, frame) => {
    server.onExec(async (call) => {
      call.raw(frame);
      await call.stdout(Buffer.from("x"));
      return 5;
    });
    expect(await run()).toMatchObject({ exitCode: 5, stdout: Buffer.from("x") });
  });

  it("a status without sense is no result", async () => {
    server.onExec(async (call) => {
      call.raw(Buffer.from("\u0003nonsense"));
      return undefined;
    });
    await expect(run()).rejects.toMatchObject({ code: "CLUSTER_UNAVAILABLE" });
  });
});

describe("an upgrade that is refused", () => {
  const refusals: readonly [Extract<Fault, { kind: "status" }>, string][] = [
    [
      { kind: "status", status: 403, message: 'User "u" cannot create resource "pods/exec" in API group ""' },
      "PERMISSION_DENIED",
    ],
    [{ kind: "status", status: 400, message: "container x is not valid for pod p" }, "INVALID_CONFIG"],
    [{ kind: "status", status: 404, message: 'pods "p" not found' }, "POD_LOST"],
  ];
  it.each(refusals)("%o ends with %s", async (fault, code) => {
    server.fault({ resource: "pods/exec" }, fault);
    expect(await failure()).toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    { kind: "foreign", status: 200, body: "<html>Log in</html>" },
    { kind: "foreign", status: 400, body: "" },
    { kind: "foreign", status: 403, body: "<html>Forbidden</html>" },
    { kind: "foreign", status: 404, body: "not here" },
    { kind: "status", status: 400, reason: "BadRequest", message: "Upgrade request required" },
  ] as const)("%o is the work of a proxy, and is told at once", async (fault) => {
    server.fault({ resource: "pods/exec" }, fault);
    expect(await failure()).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(`does not take a WebSocket connection .*\\(status ${fault.status}\\)`),
      remedy: expect.stringContaining("Upgrade"),
    });
    expect(server.requests).toHaveLength(1);
  });

  it("a server that speaks no protocol of ours is told at once", async () => {
    await restart(["channel.k8s.io"]);
    expect(await failure()).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("v5.channel.k8s.io, v4.channel.k8s.io"),
      remedy: expect.stringContaining("Sec-WebSocket-Protocol"),
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    { kind: "foreign", status: 502, body: "<html>Bad gateway</html>" },
    { kind: "status", status: 503 },
    { kind: "status", status: 429 },
    { kind: "reset", when: "before" },
    { kind: "stall", when: "before" },
  ] as const)("%o is tried again", async (fault) => {
    server.onExec(echo);
    server.fault({ resource: "pods/exec", times: 2 }, fault);
    expect((await run(Buffer.from("x"))).stdout.toString()).toBe("x");
  });
});
