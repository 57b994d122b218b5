import { type BuildError, ERROR_CODES, type ErrorCode } from "@slipway/core";
import type { Bench, BuildWish, Ended } from "./bench.ts";
import { CaseFailure, expectSame, expectThat } from "./case-failure.ts";

/**
 * Builds what must fail with one of these codes, with an error that a person can use, and pushes nothing. Returns the end of the build.
 */
export async function expectFailure(
  bench: Bench,
  wish: BuildWish,
  codes: readonly [ErrorCode, ...ErrorCode[]],
): Promise<Ended & { readonly error: BuildError }> {
  const ended = await bench.attempt(wish);
  await expectNothingPushed(bench, ended.destinations);
  const { error } = ended;
  const wanted = `a failure with ${codes.join(" or ")}`;
  if (error === undefined)
    throw new CaseFailure(`expected ${wanted}, found an image: ${ended.result?.digest}`);
  if (!codes.includes(error.code)) throw wrongCode(wanted, error);
  expectUsable(error);
  return { ...ended, error };
}

/** Throws a CaseFailure when one of these has an image, now or at the end of the run. */
export async function expectNothingPushed(bench: Bench, destinations: readonly string[]): Promise<void> {
  for (const destination of destinations) {
    bench.absent.add(destination);
    const found = await bench.registry.digest(destination);
    if (found !== "unreachable") expectSame(`image at ${destination}`, found, undefined);
  }
}

/** Tells the cause in one line, and the cure where somebody can do something. */
function expectUsable({ code, message, remedy = "" }: BuildError): void {
  const oneLine = message.trim() !== "" && !/[\r\n]/.test(message.trim());
  expectThat(oneLine, `a message of one line with ${code}`, message);
  if (ERROR_CODES[code].blame === "caller") return;
  expectThat(remedy.trim() !== "", `a remedy with ${code}`, { message, remedy });
}

function wrongCode(wanted: string, error: BuildError): CaseFailure {
  const outcome = error.code === "INTERNAL" ? "crash" : "fail";
  return new CaseFailure(`expected ${wanted}, found ${error.code}: ${error.message}`, outcome, error);
}
