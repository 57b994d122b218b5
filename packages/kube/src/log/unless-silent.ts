import type { Clock } from "@slipway/core";

/** The same stream; when it is silent for so many milliseconds and `isDead` says so, it throws: half-open connections, rotated logs. */
export async function* unlessSilent(
  log: AsyncIterable<Buffer>,
  clock: Clock,
  milliseconds: number,
  isDead: () => Promise<boolean>,
): AsyncGenerator<Buffer> {
  const iterator = log[Symbol.asyncIterator]();
  for (let next = iterator.next(); ; ) {
    const result = await orSilence(next, clock, milliseconds);
    if (result === undefined) {
      if (await isDead()) throw new Error(`the log is silent for ${milliseconds / 1000} s`);
    } else {
      if (result.done === true) return;
      yield result.value;
      next = iterator.next();
    }
  }
}

/** What the promise gives, or undefined when it gives nothing for so long. */
async function orSilence<T>(promise: Promise<T>, clock: Clock, milliseconds: number): Promise<T | undefined> {
  let stop = () => {};
  const silence = new Promise<undefined>((resolve) => {
    stop = clock.after(milliseconds, () => resolve(undefined));
  });
  return Promise.race([promise, silence]).finally(stop);
}
