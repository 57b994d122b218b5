import type { Credential, Keychain } from "../keychain.ts";
import { RegistryClient } from "../registry-client.ts";
import { MemoryRegistry, type MemoryRegistryOptions } from "./memory-registry.ts";
import { TestClock } from "./test-clock.ts";

export interface ClientBenchOptions {
  readonly maxAttempts?: number;
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Registries of one test, and clients of the last one started, with a clock that nobody waits for. */
export class ClientBench {
  readonly clock = new TestClock();
  readonly #registries: MemoryRegistry[] = [];

  get registry(): MemoryRegistry {
    const registry = this.#registries.at(-1);
    if (registry === undefined) throw new Error("No registry was started");
    return registry;
  }

  async start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
    const registry = await MemoryRegistry.start(options);
    this.#registries.push(registry);
    return registry;
  }

  client(credential?: Credential, extra: ClientBenchOptions = {}): RegistryClient {
    const keychain: Keychain = { hosts: [], resolve: () => credential };
    const trust = { plainHttp: this.#registries.map(({ host }) => host) };
    const timing = { clock: this.clock, random: () => 1, idleTimeoutMs: 300 };
    return new RegistryClient({ host: this.registry.host, trust, keychain, ...timing, ...extra });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#registries.splice(0).map((one) => one.stop()));
  }
}

/** The whole of a stream as text. */
export async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
