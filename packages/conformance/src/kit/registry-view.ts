import { type Digest, parseReference, type RegistryTrust } from "@slipway/core";
import { type Keychain, parseDockerConfig, RegistryClient, resolveDigest } from "@slipway/registry";
import type { KitHost } from "./kit-host.ts";

/** The registry under the names that the builder has, from where the kit is. */
export class RegistryView {
  readonly #name: string;
  readonly #address: string;
  readonly #trust: RegistryTrust;
  readonly #keychain: Keychain | undefined;

  constructor({ registry, trust }: KitHost) {
    this.#name = registry.name;
    this.#address = registry.address ?? registry.name;
    const plainHttp = trust.plainHttp.includes(this.#name) ? [this.#address] : [];
    this.#trust = { ...trust, plainHttp };
    this.#keychain =
      registry.credential === undefined
        ? undefined
        : parseDockerConfig(JSON.stringify({ auths: { [this.#address]: registry.credential } }));
  }

  /** What a tag names; undefined when there is nothing. References of other registries are "unreachable". */
  async digest(reference: string, signal?: AbortSignal): Promise<Digest | undefined | "unreachable"> {
    return this.#isMine(reference)
      ? resolveDigest(this.fromHere(reference), this.options(signal))
      : "unreachable";
  }

  /** Works with the client of the registry; `reference` is a tag or a digest. */
  async withClient<T>(
    name: string,
    work: (client: RegistryClient, repository: string, reference: string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { repository, tag = "latest", digest } = parseReference(this.fromHere(name));
    const client = new RegistryClient({ host: this.#address, ...this.options(signal) });
    try {
      return await work(client, repository, digest ?? tag);
    } finally {
      client.close();
    }
  }

  /** How the kit speaks to the registry. */
  options(signal?: AbortSignal) {
    return {
      trust: this.#trust,
      ...(this.#keychain === undefined ? {} : { keychain: this.#keychain }),
      ...(signal === undefined ? {} : { signal }),
    };
  }

  /** The same reference as this process names it. */
  fromHere(reference: string): string {
    return this.#isMine(reference) ? this.#address + reference.slice(this.#name.length) : reference;
  }

  #isMine(reference: string): boolean {
    return reference.startsWith(`${this.#name}/`);
  }
}
