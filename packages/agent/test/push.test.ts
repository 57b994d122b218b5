import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryRegistry, type MemoryRegistryOptions, writeTestLayout } from "@slipway/registry/testing";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { loadAgentSource } from "../src/testing/index.ts";
import { scratch, startAgent } from "./agent-process.ts";

let source = "";
beforeAll(async () => {
  source = await loadAgentSource();
});

async function started(options: MemoryRegistryOptions): Promise<MemoryRegistry> {
  const registry = await MemoryRegistry.start(options);
  onTestFinished(() => registry.stop());
  return registry;
}

/** A Secret as Kubernetes mounts it. */
function mountedConfig(folder: string, host: string, password: string): string {
  const path = join(folder, "config.json");
  const auth = Buffer.from(`ci:${password}`).toString("base64");
  writeFileSync(path, JSON.stringify({ auths: { [host]: { auth } } }));
  return path;
}

async function pushTo(
  registry: MemoryRegistry,
  password: string,
  maxBytes = 1e9,
  edit = (_root: string) => {},
) {
  const folder = scratch();
  const layout = await writeTestLayout(join(folder, "image"), [Buffer.from("a layer")]);
  edit(layout.root);
  const terminationLog = join(folder, "termination-log");
  const options = {
    layout: layout.root,
    destinations: [`${registry.host}/team/action:one`, `${registry.host}/team/action:two`],
    auth: mountedConfig(folder, registry.host, password),
    trust: { plainHttp: [registry.host] },
    maxBytes,
    terminationLog,
  };
  const outcome = await startAgent(["-e", source], "push", options).ended;
  return { ...outcome, layout, termination: JSON.parse(readFileSync(terminationLog, "utf8")) };
}

const auth = { kind: "basic", username: "ci", password: "right" } as const;

test("an image is pushed and reported", async () => {
  const registry = await started({ auth });
  const { exitCode, stdout, stderr, layout, termination } = await pushTo(registry, "right");
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(termination).toMatchObject({ digest: layout.digest, facts: { os: "linux" } });
  expect(stdout.toString()).toMatch(/^pushing 2 blobs, 0\.0 MB\npushed sha256:[0-9a-f]{64}\n$/);
  const put = registry.requests.filter(
    ({ method, path }) => method === "PUT" && path.includes("/manifests/"),
  );
  expect(put.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["/v2/team/action/manifests/one", "/v2/team/action/manifests/two"]),
  );
});

test("a wrong password is refused, and shown to nobody", async () => {
  const { exitCode, stdout, stderr, termination } = await pushTo(await started({ auth }), "wrong-password");
  expect([exitCode, termination.error.code]).toEqual([1, "REGISTRY_DENIED"]);
  expect(`${stdout}${stderr}${JSON.stringify(termination)}`).not.toMatch(/wrong-password|Y2k6/);
});

test("an image that is too large is not pushed", async () => {
  const registry = await started({ auth });
  const { exitCode, termination } = await pushTo(registry, "right", 10);
  expect([exitCode, termination.error.code, registry.requests.length]).toEqual([1, "RESOURCE_EXHAUSTED", 0]);
});

test("a layout that was tampered with is not pushed", async () => {
  const registry = await started({ auth });
  const { exitCode, termination } = await pushTo(registry, "right", 1e9, (root) =>
    writeFileSync(join(root, "index.json"), "{}"),
  );
  expect([exitCode, termination.error.code, registry.requests.length]).toEqual([1, "RESULT_UNVERIFIED", 0]);
});
