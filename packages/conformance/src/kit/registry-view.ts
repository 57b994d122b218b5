import { cancellation, type Digest, parseReference, type RegistryTrust } from "@slipway/core";
import { anonymous, type Keychain, parseDockerConfig, RegistryClient } from "@slipway/registry";
import type { KitHost } from "./kit-host.ts";

/** The registry under the names that the builder has, from where the kit is. */
export class RegistryView {
  /** For other clients: how the kit speaks to the registry. */
  readonly options: { readonly trust: RegistryTrust; readonly keychain: Keychain };
  readonly #name: string;
  readonly #address: string;
  readonly #client: RegistryClient;

  constructor({ registry, trust }: KitHost) {
    this.#name = registry.name;
    this.#address = registry.address ?? registry.name;
    const plainHttp = trust.plainHttp.includes(this.#name) ? [this.#address] : [];
    const auths = { [this.#address]: registry.credential };
    const keychain =
      registry.credential === undefined ? anonymous : parseDockerConfig(JSON.stringify({ auths }));
    this.options = { trust: { ...trust, plainHttp }, keychain };
    this.#client = new RegistryClient({ host: this.#address, ...this.options });
  }

  /** What a tag names; undefined when there is nothing. References of other registries are "unreachable". */
  async digest(reference: string, signal?: AbortSignal): Promise<Digest | undefined | "unreachable"> {
    if (signal?.aborted === true) throw cancellation(signal);
    if (!this.isMine(reference)) return "unreachable";
    return this.withClient(reference, (client, repository, tag) => client.headManifest(repository, tag));
  }

  /** Works with the client of the registry, and a reference in two parts. */
  async withClient<T>(
    reference: string,
    work: (client: RegistryClient, repository: string, tag: string) => Promise<T>,
  ): Promise<T> {
    const { repository, tag = "latest", digest } = parseReference(this.fromHere(reference));
    return work(this.#client, repository, digest ?? tag);
  }

  /** The same reference as this process names it. */
  fromHere(reference: string): string {
    return this.isMine(reference) ? this.#address + reference.slice(this.#name.length) : reference;
  }

  /** Lets go of its connections. */
  close(): void {
    this.#client.close();
  }

  /** Whether a reference is of this registry. */
  isMine(reference: string): boolean {
    return reference.startsWith(`${this.#name}/`);
  }
}
