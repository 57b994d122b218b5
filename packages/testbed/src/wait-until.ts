import { setTimeout as delay } from "node:timers/promises";
import { TestbedError } from "./testbed-error.ts";

/** Asks again and again until the answer is not `undefined`; throws with the title when the time is up. */
export async function waitUntil<T>(
  title: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
  intervalMs = 200,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(intervalMs);
  }
  throw new TestbedError(`${title}: not within ${timeoutMs / 1000} s`);
}
