import type { Difference } from "../compare/difference.ts";
import type { CorpusCase, RunWanted } from "../corpus/corpus-case.ts";
import type { BuiltReference, CaseHost, ImageRun } from "./case-host.ts";
import type { Judgement } from "./judge-failure.ts";
import { OrderedTexts } from "./ordered-texts.ts";

/** What was built, and what the build printed that it should not, or did not print. */
export interface BuiltCase {
  readonly item: CorpusCase;
  readonly image: BuiltReference;
  readonly logDifferences: readonly Difference[];
  readonly warned: boolean;
}

/** Holds an image against its case: validity first, then facts, then how it runs. */
export async function judgeImage(built: BuiltCase, host: CaseHost, signal: AbortSignal): Promise<Judgement> {
  const { item, image, logDifferences, warned } = built;
  const found = await host.registry.inspect(image, item, signal);
  // Of an image that is none, nothing else can be said.
  if (found.malformed.length > 0) return { status: "differs", differences: found.malformed };
  const wanted = "fails" in item.expect ? undefined : item.expect.run;
  const run = wanted === undefined ? undefined : await host.runImage?.(image, wanted, signal);
  const runDifferences = wanted === undefined || run === undefined ? [] : endDifferences(run, wanted);
  const differences = [...found.differences, ...logDifferences, ...runDifferences];
  const status = statusOf(differences, found.ignored, warned);
  return { status, differences, ...(run === undefined ? {} : { run }) };
}

function statusOf(
  differences: readonly Difference[],
  ignored: boolean,
  warned: boolean,
): Judgement["status"] {
  if (differences.length > 0) return ignored ? "silently-ignored" : "differs";
  return warned ? "pass-with-warning" : "pass";
}

function endDifferences(run: ImageRun, wanted: RunWanted): readonly Difference[] {
  const { exitCode = 0, stdout, stdoutHas = [] } = wanted;
  const differences: Difference[] = [];
  if (run.exitCode !== exitCode)
    differences.push({ id: "run:exitCode", expected: String(exitCode), actual: String(run.exitCode) });
  if (stdout !== undefined && run.output !== stdout)
    differences.push({ id: "run:stdout", expected: quoted(stdout), actual: quoted(run.output) });
  const texts = new OrderedTexts(stdoutHas);
  texts.see(run.output);
  const missing = texts.missing.map((text) => ({
    id: `run:${text}`,
    expected: `prints ${quoted(text)}`,
    actual: quoted(run.output),
  }));
  return [...differences, ...missing];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text);
}
