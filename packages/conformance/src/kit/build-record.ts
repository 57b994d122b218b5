import type { BuildEvent } from "@slipway/core";
import { BuildLog } from "../run/build-log.ts";

/** More than this is no output but an attack, or a loop. */
const MOST_EVENTS = 200_000;
const MOST_BYTES = 64 << 20;

/** The events of one build, in order. */
export class BuildRecord {
  readonly log = new BuildLog();
  readonly #events: BuildEvent[] = [];
  readonly #late: BuildEvent[] = [];
  readonly #onFlood: () => void;
  #bytes = 0;
  #settled = false;

  /** `onFlood` is called once, when there is more than anybody could read; nothing is kept from then on. */
  constructor(onFlood: () => void) {
    this.#onFlood = onFlood;
  }

  readonly see = (event: BuildEvent): void => {
    if (this.flooded) return;
    (this.#settled ? this.#late : this.#events).push(event);
    this.#bytes += textOf(event).length;
    if (event.type === "log") this.log.add(event.line);
    if (this.flooded) this.#onFlood();
  };

  get flooded(): boolean {
    return this.#bytes > MOST_BYTES || this.#events.length + this.#late.length > MOST_EVENTS;
  }

  settle(): void {
    this.#settled = true;
  }

  get events(): readonly BuildEvent[] {
    return this.#events;
  }

  /** What the build printed, line by line. */
  get lines(): readonly string[] {
    return this.#events.flatMap((event) => (event.type === "log" ? [event.line] : []));
  }

  /** Texts of events that came when the build had settled. */
  get late(): readonly string[] {
    return this.#late.map(textOf);
  }
}

function textOf(event: BuildEvent): string {
  if (event.type === "log") return event.line;
  return event.type === "notice" ? event.message : `phase ${event.phase}`;
}
