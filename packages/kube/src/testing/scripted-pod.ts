import type { V1ContainerState, V1ContainerStatus, V1Pod, V1PodCondition } from "@kubernetes/client-node";
import { ContainerLog } from "./container-log.ts";

/** The kubelet's part in a test: says what happens to a pod that was created. */
export class ScriptedPod {
  readonly pod: V1Pod;
  readonly #logs = new Map<string, ContainerLog>();
  #lines = 0;

  constructor(pod: V1Pod) {
    this.pod = pod;
    pod.status ??= { phase: "Pending" };
  }

  /** Sets `status.phase`, and reason and message where a pod fails as a whole (Evicted, DeadlineExceeded). */
  phase(
    phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown",
    reason?: string,
    message?: string,
  ): this {
    const { status } = this;
    status.phase = phase;
    if (reason !== undefined) status.reason = reason;
    if (message !== undefined) status.message = message;
    return this;
  }

  condition(condition: V1PodCondition): this {
    this.status.conditions = [
      ...(this.status.conditions ?? []).filter(({ type }) => type !== condition.type),
      condition,
    ];
    return this;
  }

  waiting(container: string, reason: string, message?: string): this {
    return this.#setState(container, { waiting: { reason, ...(message === undefined ? {} : { message }) } });
  }

  running(container: string): this {
    return this.#setState(container, { running: { startedAt: new Date(0) } });
  }

  /** Ends the container, and with it its log. */
  terminated(
    container: string,
    exitCode: number,
    more: { readonly reason?: string; readonly message?: string } = {},
  ): this {
    const reason = more.reason ?? (exitCode === 0 ? "Completed" : "Error");
    this.#setState(container, { terminated: { exitCode, ...more, reason } });
    this.logOf(container).end();
    return this;
  }

  /** One more line of output, a millisecond after the last unless `at` (RFC 3339) says otherwise. */
  log(container: string, text: string | Buffer, at?: string): this {
    this.#lines += 1;
    const stamp = at ?? new Date(Date.parse("2026-01-01T00:00:00Z") + this.#lines).toISOString();
    this.logOf(container).append(stamp, text);
    return this;
  }

  logOf(container: string): ContainerLog {
    let log = this.#logs.get(container);
    if (log === undefined) {
      log = new ContainerLog();
      this.#logs.set(container, log);
    }
    return log;
  }

  stateOf(container: string): V1ContainerState | undefined {
    const all = [...(this.status.initContainerStatuses ?? []), ...(this.status.containerStatuses ?? [])];
    return all.find(({ name }) => name === container)?.state;
  }

  get status(): NonNullable<V1Pod["status"]> {
    this.pod.status ??= { phase: "Pending" };
    return this.pod.status;
  }

  #setState(container: string, state: V1ContainerState): this {
    const isInit = this.pod.spec?.initContainers?.some(({ name }) => name === container) === true;
    const key = isInit ? "initContainerStatuses" : "containerStatuses";
    const others = (this.status[key] ?? []).filter(({ name }) => name !== container);
    const own: V1ContainerStatus = {
      name: container,
      image: "",
      imageID: "",
      ready: false,
      restartCount: 0,
      state,
    };
    this.status[key] = [...others, own];
    return this;
  }
}
