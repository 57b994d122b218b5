/** One request as the server saw it, in the words of RBAC. */
export interface SeenRequest {
  readonly verb: "get" | "list" | "create" | "delete";
  /** `pods`, `secrets`, `jobs`, `pods/log` or `pods/exec`. */
  readonly resource: string;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly authorization: string | undefined;
}

/** What goes wrong with one request. */
export type Fault =
  /** Another answer than the right one, before anything is done. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly reason?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The same from something that is no API server. */
  | { readonly kind: "foreign"; readonly status: number; readonly body: string }
  /** The connection is reset: before the server did what was asked, or after it, with the answer lost. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** The connection stays open and silent for ever, before or after the server did what was asked. */
  | { readonly kind: "stall"; readonly when: "before" | "after" }
  /** The answer ends after so many bytes of its body: reset, or closed as if it were complete. For logs and objects. */
  | { readonly kind: "cut"; readonly afterBytes: number; readonly clean?: boolean }
  /** A log stream goes silent after so many bytes, with the connection open. */
  | { readonly kind: "silence"; readonly afterBytes: number }
  /** An exec connection breaks after so many messages in a direction, as the server counts them. */
  | {
      readonly kind: "exec-drop";
      readonly direction: "in" | "out";
      readonly afterFrames: number;
      readonly how: "reset" | "close" | "freeze";
    };

/** Which requests a fault meets; what is left out matches all. */
export interface FaultMatch {
  readonly verb?: SeenRequest["verb"];
  readonly resource?: string;
  readonly name?: string;
  /** How many requests it meets; 1 when left out. */
  readonly times?: number;
  /** How many matching requests pass first. */
  readonly after?: number;
}

interface Planned {
  readonly match: FaultMatch;
  readonly fault: Fault;
  toPass: number;
  left: number;
}

/** The faults that are still to come, and those that came. */
export class FaultScript {
  readonly #planned: Planned[] = [];

  plan(match: FaultMatch, fault: Fault): void {
    this.#planned.push({ match, fault, toPass: match.after ?? 0, left: match.times ?? 1 });
  }

  /** The fault for this request; each is used up as often as planned. */
  next(request: SeenRequest): Fault | undefined {
    for (const planned of this.#planned) {
      if (planned.left === 0 || !matches(planned.match, request)) continue;
      if (planned.toPass > 0) {
        planned.toPass -= 1;
        continue;
      }
      planned.left -= 1;
      return planned.fault;
    }
    return undefined;
  }

  /** How many planned faults have not happened: a test that leaves some tested nothing. */
  get pending(): number {
    return this.#planned.reduce((sum, { left }) => sum + left, 0);
  }
}

function matches(match: FaultMatch, request: SeenRequest): boolean {
  return (
    (match.verb === undefined || match.verb === request.verb) &&
    (match.resource === undefined || match.resource === request.resource) &&
    (match.name === undefined || match.name === request.name)
  );
}
