interface LogEntry {
  /** Nanoseconds since the epoch. */
  readonly at: bigint;
  readonly text: Buffer;
}

/** The log of one container as a node keeps it: lines with time stamps, growing until the container ends. */
export class ContainerLog {
  readonly #entries: LogEntry[] = [];
  #ended = false;
  readonly #waiters = new Set<() => void>();

  /** `at`: RFC 3339 with nanoseconds. A text without a newline at its end is an unfinished line. */
  append(at: string, text: string | Buffer): void {
    this.#entries.push({ at: nanoseconds(at), text: Buffer.from(text) });
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** What the kubelet would send: with time stamps, from `since` on; follows until the end. */
  async *read(options: {
    readonly follow: boolean;
    readonly since: string | undefined;
  }): AsyncGenerator<Buffer> {
    const since = options.since === undefined ? 0n : nanoseconds(options.since);
    let startsLine = true;
    for (let index = 0; ; ) {
      const entry = this.#entries[index];
      if (entry === undefined) {
        if (!options.follow || this.#ended) return;
        await new Promise<void>((resolve) => this.#waiters.add(resolve));
        continue;
      }
      index += 1;
      const stamp = startsLine ? Buffer.from(`${rfc3339(entry.at)} `) : Buffer.alloc(0);
      // As the kubelet does it: a part that is too old is left out, and its rest then comes without a time stamp.
      startsLine = entry.text.at(-1) === 0x0a;
      if (entry.at >= since) yield Buffer.concat([stamp, entry.text]);
    }
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
  }
}

function nanoseconds(time: string): bigint {
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0") || 0);
}

function rfc3339(at: bigint): string {
  const seconds = new Date(Number(at / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (at % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
