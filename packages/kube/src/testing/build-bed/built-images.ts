import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { type Digest, type ImageFacts, parseReference } from "@slipway/core";
import { parseDockerConfig, RegistryClient, readImageFacts, resolveDigest } from "@slipway/registry";
import type { Testbed } from "@slipway/testbed";

/** The parts of a manifest and a config that tests look at (OCI image specification, manifest.md and config.md). */
interface Manifest {
  readonly config: { readonly digest: Digest };
  readonly layers: readonly { readonly digest: Digest }[];
}

interface ImageConfig {
  readonly config: { readonly Labels?: Readonly<Record<string, string>>; readonly Env?: readonly string[] };
}

const MAX_BYTES = 64 << 20;

/** Reads images that were built from the test bed's registries, by the names that pods use. */
export class BuiltImages {
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #options;

  constructor({ pushHost, mirrorHost, registryUrl, mirrorUrl, ...testbed }: Testbed) {
    const outside = [registryUrl, mirrorUrl].map((url) => new URL(url).host);
    this.#hosts = new Map([pushHost, mirrorHost].map((host, index) => [host, outside[index] ?? ""]));
    const { registryUsername: username, registryPassword: password } = testbed;
    const auths = { [outside[0] ?? ""]: { username, password } };
    this.#options = {
      trust: { plainHttp: outside },
      keychain: parseDockerConfig(JSON.stringify({ auths })),
    };
  }

  async digest(reference: string, signal?: AbortSignal): Promise<Digest | undefined | "unreachable"> {
    const here = this.#fromHere(reference);
    if (here === undefined) return "unreachable";
    return resolveDigest(here, { ...this.#options, ...(signal === undefined ? {} : { signal }) });
  }

  facts(reference: string): Promise<ImageFacts> {
    return readImageFacts(this.#fromHere(reference) ?? reference, this.#options);
  }

  async config(reference: string): Promise<ImageConfig["config"]> {
    return this.#reading(reference, async (client, repository, manifest) => {
      const bytes = await client.getBlob(repository, manifest.config.digest, MAX_BYTES);
      return (JSON.parse(bytes.toString("utf8")) as ImageConfig).config;
    });
  }

  /** The top layer as `tar` lists it: `mode path`, or `mode path -> target`. */
  async listing(reference: string): Promise<readonly string[]> {
    const lines = (await this.#tar(reference, ["--numeric-owner", "-tvzf", "-"])).split("\n");
    return lines
      .filter((line) => line !== "")
      .map((line) => line.replace(/^(\S+)\s+\S+\s+\S+\s+\S+\s+\S+\s+/, "$1 "))
      .sort();
  }

  /** The text of a file in the top layer. */
  file(reference: string, path: string): Promise<string> {
    return this.#tar(reference, ["-xOzf", "-", path]);
  }

  #tar(reference: string, args: readonly string[]): Promise<string> {
    return this.#reading(reference, async (client, repository, { layers }) => {
      const digest = layers.at(-1)?.digest;
      if (digest === undefined) throw new Error(`${reference} has no layer`);
      const tar = spawn("tar", args, { stdio: ["pipe", "pipe", "ignore"] });
      tar.stdin.end(await client.getBlob(repository, digest, MAX_BYTES));
      return text(tar.stdout);
    });
  }

  async #reading<T>(
    reference: string,
    read: (client: RegistryClient, repository: string, manifest: Manifest) => Promise<T>,
  ): Promise<T> {
    const { registry, repository, tag, digest } = parseReference(this.#fromHere(reference) ?? reference);
    const client = new RegistryClient({ host: registry, ...this.#options });
    try {
      const stored = await client.getManifest(repository, digest ?? tag ?? "latest");
      if (stored === undefined) throw new Error(`${reference} is not in the registry`);
      return await read(client, repository, JSON.parse(stored.bytes.toString("utf8")) as Manifest);
    } finally {
      client.close();
    }
  }

  /** undefined: a registry that only pods reach. */
  #fromHere(reference: string): string | undefined {
    const host = reference.split("/", 1)[0] ?? "";
    const outside = this.#hosts.get(host);
    return outside === undefined ? undefined : outside + reference.slice(host.length);
  }
}
