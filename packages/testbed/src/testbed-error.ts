/** A failure of the test bed: the message gives the cause, the remedy the cure. */
export class TestbedError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, options: { readonly remedy?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TestbedError";
    this.remedy = options.remedy;
  }
}
