import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { BuildRequest, BuildSession, BuiltImage, ImageBuilder } from "@slipway/core";
import { ApiServer, apiFor, silentLogger } from "@slipway/kube/testing";
import { checkLayout, pushLayout } from "@slipway/registry";
import { MemoryRegistry, writeTestLayout } from "@slipway/registry/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StepOutput } from "../output/step-output.ts";
import { readSettings } from "../settings.ts";
import { type StepImageServices, StepImages } from "./step-image.ts";

const auth = { kind: "basic", username: "u", password: "pa55word" } as const;
const trustOf = (host: string) => ({ plainHttp: [host] });

let server: ApiServer;
let registry: MemoryRegistry;
let work: string;
let printed: PassThrough;
let builds: BuildRequest[];

beforeEach(async () => {
  server = await ApiServer.start();
  registry = await MemoryRegistry.start({ auth });
  work = await mkdtemp(join(tmpdir(), "slipway-work-"));
  printed = new PassThrough();
  builds = [];
  const auths = { [registry.host]: { username: auth.username, password: auth.password } };
  const data = { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") };
  await apiFor(server).create("secrets", {
    metadata: { name: "reg" },
    type: "kubernetes.io/dockerconfigjson",
    data,
  });
});
afterEach(() => Promise.all([server.stop(), registry.stop()]));

/** A builder that pushes an image which it did not build. */
class PushingBuilder implements ImageBuilder {
  readonly #config: object;

  constructor(config: object = {}) {
    this.#config = config;
  }

  async build(request: BuildRequest, session: BuildSession): Promise<BuiltImage> {
    builds.push(request);
    session.emit({ type: "log", line: "::add-mask::e" });
    session.emit({ type: "notice", message: "waiting ##[error]x" });
    const { root } = await writeTestLayout(
      await mkdtemp(join(tmpdir(), "slipway-layout-")),
      [],
      this.#config,
    );
    const keychain = { hosts: [registry.host], resolve: () => auth };
    const layout = await checkLayout(root, { maxBytes: 1_000_000 });
    const { digest } = await pushLayout(layout, request.destinations, {
      trust: trustOf(registry.host),
      keychain,
    });
    return { digest };
  }
}

function stepImages(changes: Partial<StepImageServices> = {}): StepImages {
  const env = {
    ACTIONS_RUNNER_POD_NAME: "arc",
    RUNNER_WORKSPACE: join(work, "My.Repo"),
    SLIPWAY_PLAIN_HTTP_REGISTRIES: registry.host,
  };
  return new StepImages({
    api: apiFor(server),
    settings: readSettings(env),
    registry: () => ({ push: `${registry.host}/team`, pull: "localhost:31500/team", secretName: "reg" }),
    builder: new PushingBuilder(),
    features: [],
    logger: silentLogger,
    output: new StepOutput(printed),
    signal: new AbortController().signal,
    ...changes,
  });
}

async function dockerfile(text = "FROM scratch\n"): Promise<string> {
  const path = join(await mkdtemp(join(work, "action-")), "Dockerfile");
  await writeFile(path, text);
  return path;
}

const fresh = { known: {}, needsCommand: true };

describe("StepImages", () => {
  it("builds, verifies, and names the image as nodes see it, by digest", async () => {
    const image = await stepImages().provide(await dockerfile(), fresh);
    expect(image.reference).toMatch(/^localhost:31500\/team\/my\.repo@sha256:[0-9a-f]{64}$/);
    expect(image.imagePullSecrets).toEqual(["reg"]);
    expect(builds[0]?.destinations[0]).toMatch(/\/team\/my\.repo:[0-9a-f]{32}$/);
  });

  it("masks the credential before anything else, and fences what the build prints", async () => {
    await stepImages().provide(await dockerfile(), fresh);
    const lines = String(printed.read()).trimEnd().split("\n");
    const masked = lines.filter((line) => line.startsWith("::add-mask::") && line !== "::add-mask::e");
    expect(masked).toContain("::add-mask::pa55word");
    expect(lines.slice(0, masked.length)).toEqual(masked);
    const [group, stop, log, notice, go, end] = lines.slice(masked.length);
    expect([group, log, end]).toEqual([
      expect.stringMatching(/^::group::Building \/.*Dockerfile$/),
      "::add-mask::e",
      "::endgroup::",
    ]);
    expect(go).toBe(`::${stop?.slice("::stop-commands::".length)}::`);
    expect(notice).not.toContain("##[");
  });

  it("uses an image of the same job again, without asking anybody", async () => {
    const path = await dockerfile();
    const first = await stepImages().provide(path, fresh);
    const requests = server.requests.length + registry.requests.length;
    const second = await stepImages().provide(path, { ...fresh, known: first.remember });
    expect(second).toEqual(first);
    expect(builds).toHaveLength(1);
    expect(server.requests.length + registry.requests.length).toBe(requests);
  });

  it("builds again when a file of the context has changed", async () => {
    const path = await dockerfile();
    const { remember } = await stepImages().provide(path, fresh);
    await writeFile(join(path, "../data"), "new");
    await stepImages().provide(path, { ...fresh, known: remember });
    expect(builds).toHaveLength(2);
  });

  it("refuses an image that has nothing to run, unless the action says what", async () => {
    const images = stepImages({ builder: new PushingBuilder({ config: {} }) });
    const path = await dockerfile();
    await expect(images.provide(path, fresh)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("neither ENTRYPOINT nor CMD"),
    });
    await expect(images.provide(path, { ...fresh, needsCommand: false })).resolves.toBeDefined();
  });

  it("refuses a Dockerfile outside of the runner's folders before anything is asked", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "slipway-elsewhere-")), "Dockerfile");
    await writeFile(path, "FROM scratch\n");
    server.requests.length = 0;
    await expect(stepImages().provide(path, fresh)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect([server.requests, builds]).toEqual([[], []]);
  });

  it("closes the fence when the build fails", async () => {
    const builder: ImageBuilder = { build: () => Promise.reject(new Error("broken")) };
    await expect(stepImages({ builder }).provide(await dockerfile(), fresh)).rejects.toMatchObject({
      code: "INTERNAL",
    });
    expect(String(printed.read())).toMatch(/\n::[0-9a-f]{64}::\n::endgroup::\n$/);
  });

  it("stops a build that takes too long", async () => {
    const builder: ImageBuilder = {
      build: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    };
    const settings = {
      ...readSettings({ ACTIONS_RUNNER_POD_NAME: "arc", RUNNER_WORKSPACE: join(work, "r") }),
      buildTimeoutSeconds: 0.05,
    };
    await expect(stepImages({ builder, settings }).provide(await dockerfile(), fresh)).rejects.toMatchObject({
      code: "TIMED_OUT",
      remedy: expect.stringContaining("SLIPWAY_BUILD_TIMEOUT_SECONDS"),
    });
  });
});
