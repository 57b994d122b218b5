import { setTimeout as delay } from "node:timers/promises";

/** Between two looks: a look costs one system call, and a pod waits for the answer. */
const INTERVAL_MS = 25;

/** True as soon as the condition holds, false when the time ran out. Polling, because inotify sees no other mount. */
export async function pollUntil(condition: () => boolean, timeoutSeconds: number): Promise<boolean> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  while (!condition()) {
    if (performance.now() >= deadline) return false;
    await delay(INTERVAL_MS);
  }
  return true;
}
