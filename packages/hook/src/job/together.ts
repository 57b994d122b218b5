/** Works that go on side by side and need one another: where one fails, the others are aborted. Rejects with the first failure, when all have ended. */
export async function together<T extends readonly unknown[]>(
  signal: AbortSignal,
  works: { readonly [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> },
): Promise<T> {
  const failed = new AbortController();
  const joint = AbortSignal.any([signal, failed.signal]);
  const started = works.map((work) =>
    work(joint).catch((error: unknown) => {
      // Only the first abort has an effect: what breaks because of it is not told.
      failed.abort(error);
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(started);
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
