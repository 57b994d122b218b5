import { type ProcessRow, processTable } from "./process-table.ts";

/** How often SIGKILL looks for processes that were started while it went through the table. */
const KILL_ROUNDS = 5;

/**
 * A program that was started as leader of its own process group, with everything that descends from it, also what has left the group
 * (setsid). Who was seen once is remembered: when its parent ends, it belongs to process 1.
 */
export class ProcessFamily {
  readonly #leader: number;
  readonly #seen = new Map<number, string>();

  constructor(leader: number) {
    this.#leader = leader;
    this.#look();
  }

  /** Sends a signal to each once: many programs take the second SIGINT as an order to leave everything as it is. */
  signal(signal: NodeJS.Signals): number {
    const members = this.#look();
    // At once for the whole group: a fork in between would be missed. Without /proc it is all that can be done.
    const isUnknown = this.#seen.size === 0;
    if (isUnknown || members.some(({ group }) => group === this.#leader)) send(-this.#leader, signal);
    for (const { pid, group } of members) if (group !== this.#leader) send(pid, signal);
    return members.length;
  }

  kill(): void {
    for (let round = 0; round < KILL_ROUNDS && this.signal("SIGKILL") > 0; round++);
  }

  #look(): readonly ProcessRow[] {
    const table = processTable();
    const family = new Set<number>();
    // The number of a group is not given to a new process while the group has members (alloc_pid in Linux): then it is another group.
    const isOurGroup = table.every((row) => row.pid !== this.#leader || this.#isKnown(row));
    for (const row of table) {
      if (this.#isKnown(row) || (isOurGroup && row.group === this.#leader)) family.add(row.pid);
    }
    for (let size = -1; size !== family.size; ) {
      size = family.size;
      for (const { pid, parent } of table) if (family.has(parent)) family.add(pid);
    }
    const members = table.filter(({ pid }) => family.has(pid));
    for (const { pid, startedAt } of members) this.#seen.set(pid, startedAt);
    return members.filter(({ isZombie }) => !isZombie);
  }

  #isKnown({ pid, startedAt }: ProcessRow): boolean {
    const seen = this.#seen.get(pid);
    return seen === undefined ? pid === this.#leader && this.#seen.size === 0 : seen === startedAt;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or belongs to another user: nobody else can do it either.
  }
}
