import type { BuildError, Clock } from "@slipway/core";
import type { KubeApi } from "@slipway/kube";
import type { JobContainerFacts, SessionRequest, StepExit } from "@slipway/step-protocol";

/** What one session with a job pod is to do, and where what comes back goes. */
export interface SessionTask {
  /** Its `files` and `offset` are set anew for each connection. */
  readonly request: SessionRequest;
  /** The tree stream that goes up first, a fresh one for each connection; undefined where there is nothing to send. */
  readonly files?: (() => AsyncIterable<Buffer> | undefined) | undefined;
  /** The tree stream is in place in the pod; not called where there was none. */
  readonly onReceived?: (() => void | Promise<void>) | undefined;
  /** Output of the program: every byte once, in order. Awaited before more is read. */
  readonly onOutput?: (chunk: Buffer) => Promise<void>;
  /** Takes the tree stream that comes back, and must check it, trailer included; called again after a lost connection. */
  readonly sink?: ((stream: AsyncIterable<Buffer>) => Promise<unknown>) | undefined;
}

/** The pod to talk to. */
export interface SessionTarget {
  readonly pod: string;
  readonly uid: string | undefined;
  /** Path of Node in its container `sync`. */
  readonly agentNode: string;
}

export interface SessionContext {
  readonly api: KubeApi;
  readonly signal: AbortSignal;
  /** Told once, when the connection is lost and the work goes on. */
  readonly onNotice?: (text: string) => void;
  readonly clock?: Clock;
}

export interface SessionResult {
  /** Answer to `begin`. */
  readonly facts?: JobContainerFacts;
  /** How the program ended. With exit code 0 only where everything else is proven as well. */
  readonly exit?: StepExit;
  /** What went wrong beside an exit code that is not 0. */
  readonly failure?: BuildError;
}

/** What is known of a session, from one connection to the next. */
export class SessionProgress {
  /** Bytes of output that were handed on. */
  offset = 0;
  /** The pod said that it has the files, or something that it says only later. */
  received = false;
  facts: JobContainerFacts | undefined;
  exit: StepExit | undefined;
  /** When something last arrived, in milliseconds of the clock. */
  lastSign: number;

  constructor(now: number) {
    this.lastSign = now;
  }
}
