import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@slipway/core";
import type { KubeApi, ObjectOf, Resource } from "@slipway/kube";
import { abortable } from "../abortable.ts";

/** All of it must be over within the 5 s that a cancelled job leaves. */
const DELETE_BUDGET_MS = 4500;
const CREATE_GRACE_MS = 1500;

interface Creation {
  readonly resource: Resource;
  readonly name: string;
  readonly done: Promise<unknown>;
}

/** What prepare_job has made: the pod and its Secrets. Kept when all went well, deleted otherwise. */
export class JobObjects {
  readonly #api: KubeApi;
  readonly #logger: Logger;
  /** What was asked for, whether or not it came to be: nothing else has to be deleted. */
  #creations: Creation[] = [];

  constructor(api: KubeApi, logger: Logger) {
    this.#api = api;
    this.#logger = logger;
  }

  /** An abort does not cut the request itself: then nobody would know whether there is something to delete. */
  make<R extends Resource>(resource: R, object: ObjectOf[R], signal: AbortSignal): Promise<ObjectOf[R]> {
    signal.throwIfAborted();
    const done = this.#api.create(resource, object);
    this.#creations.push({ resource, name: object.metadata?.name ?? "", done });
    return abortable(done, signal);
  }

  /** Deletes everything, also what is just being made. Never rejects: cleanup_job and owner references are left to finish it. */
  async delete(): Promise<void> {
    const creations = this.#creations;
    this.#creations = [];
    const settled = Promise.allSettled(creations.map(({ done }) => done));
    await Promise.race([settled, delay(CREATE_GRACE_MS, undefined, { ref: false })]);
    const signal = AbortSignal.timeout(DELETE_BUDGET_MS - CREATE_GRACE_MS);
    const outcomes = await Promise.allSettled(
      creations.map(({ resource, name }) => this.#api.delete(resource, name, { graceSeconds: 0 }, signal)),
    );
    for (const outcome of outcomes) {
      if (outcome.status === "rejected")
        this.#logger.warn(`Left for cleanup_job to delete: ${String(outcome.reason)}`);
    }
  }
}
