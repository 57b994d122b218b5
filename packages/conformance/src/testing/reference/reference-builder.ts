import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  BuildError,
  type BuilderHost,
  type BuilderPlugin,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  defineBuilder,
  type ImageBuilder,
  readDockerfile,
  throwIfCancelled,
} from "@slipway/core";
import { anonymous, checkLayout, type Keychain, parseDockerConfig, pushLayout } from "@slipway/registry";
import { buildStages } from "./build-stages.ts";
import { type LayerParts, writeLayout } from "./write-layout.ts";

export interface ReferenceConfig {
  /** By registry, as Docker's config.json has them. */
  readonly auths?: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

const LARGEST_IMAGE = 1024 ** 3;

/**
 * A small builder that satisfies the contract: it shows that every case of the kit can be passed, and mutants are made of it. It builds in
 * this process, and its RUN is the shell of this machine: it is for tests alone.
 */
export function referenceBuilder(parts: Partial<LayerParts> = {}): BuilderPlugin<ReferenceConfig> {
  return defineBuilder({
    apiVersion: 1,
    id: "reference",
    summary: "Builds in this process, for the tests of the kit",
    features: () => [
      "build-args",
      "labels",
      "target",
      "platform",
      "copy-chmod",
      "copy-heredoc",
      "run-heredoc",
      "healthcheck-start-interval",
    ],
    parseConfig,
    create: (config, host) => createBuilder(parts, keychainOf(config), host),
  });
}

/** A module's export, for the command. */
export const builder = referenceBuilder();

function createBuilder(parts: Partial<LayerParts>, keychain: Keychain, host: BuilderHost): ImageBuilder {
  return {
    build: async (request, session) => {
      throwIfCancelled(session.signal);
      const folder = await mkdtemp(join(host.workDir, `${session.owner}.`));
      try {
        return await buildIn(folder, { parts, keychain, host, request, session });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    preflight: async () => [],
    prune: (owner) => prune(host, owner),
  };
}

interface ReferenceBuild {
  readonly parts: Partial<LayerParts>;
  readonly keychain: Keychain;
  readonly host: BuilderHost;
  readonly request: BuildRequest;
  readonly session: BuildSession;
}

async function buildIn(
  folder: string,
  { parts, keychain, host, request, session }: ReferenceBuild,
): Promise<BuiltImage> {
  const { trust } = host;
  const { signal } = session;
  session.emit({ type: "phase", phase: "build" });
  const { path } = request.context;
  const { text } = await readDockerfile(join(path, request.dockerfile), { allowedRoots: [path] });
  const image = await buildStages(text, { request, session, folder, trust, keychain, signal });
  const layout = join(folder, "layout");
  await writeLayout(image, layout, parts);
  throwIfCancelled(signal);
  session.emit({ type: "phase", phase: "push" });
  const checked = await checkLayout(layout, { maxBytes: LARGEST_IMAGE, signal });
  const { digest, facts } = await pushLayout(checked, request.destinations, { trust, keychain, signal });
  return { digest, facts };
}

/** Deletes the folders of one owner: their names begin with it. */
async function prune({ workDir }: BuilderHost, owner: string): Promise<void> {
  const left = (await readdir(workDir)).filter((name) => name.startsWith(`${owner}.`));
  for (const name of left) await rm(join(workDir, name), { recursive: true, force: true });
}

/** An entry without a name is none: a case without a credential leaves it empty. */
function keychainOf({ auths = {} }: ReferenceConfig): Keychain {
  const entries = Object.entries(auths).filter(([, { username }]) => username !== "");
  return entries.length === 0
    ? anonymous
    : parseDockerConfig(JSON.stringify({ auths: Object.fromEntries(entries) }));
}

function parseConfig(input: unknown): ReferenceConfig {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw misconfigured("it is no object");
  const unknown = Object.keys(input).find((name) => name !== "auths");
  if (unknown !== undefined) throw misconfigured(`${unknown} is not known`);
  return input;
}

function misconfigured(what: string): BuildError {
  return new BuildError("INVALID_CONFIG", `The configuration of the reference builder: ${what}`, {
    remedy: "Its only field is auths",
  });
}
