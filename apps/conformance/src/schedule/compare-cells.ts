import type { CaseResult, Difference, ImageInspector } from "@slipway/conformance";

/**
 * Compares the images of one case, and how they ended when they were run, with those of the reference builder. A difference that the
 * case itself names is not told a second time.
 */
export async function compareCells(
  results: readonly CaseResult[],
  reference: string,
  inspector: Pick<ImageInspector, "compare">,
): Promise<readonly CaseResult[]> {
  const model = results.find(({ builder }) => builder === reference);
  if (model === undefined || !isComparable(model)) return results;
  const compared: CaseResult[] = [];
  for (const result of results)
    compared.push(result === model ? result : await withParity(result, model, inspector));
  return compared;
}

async function withParity(
  result: CaseResult,
  model: CaseResult,
  inspector: Pick<ImageInspector, "compare">,
): Promise<CaseResult> {
  if (!isComparable(result) || result.image === undefined || model.image === undefined) return result;
  try {
    const found = [...(await inspector.compare(model.image, result.image)), ...runDifferences(model, result)];
    const known = new Set(result.differences.map(({ id }) => id));
    const differences = found.filter(({ id }) => !known.has(id));
    return { ...result, parity: { with: model.builder, differences } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ...result,
      status: "harness-error",
      reason: `it cannot be compared with ${model.builder}: ${why}`,
    };
  }
}

/** A malformed image has no content to compare. */
function isComparable({ image, differences }: CaseResult): boolean {
  return image !== undefined && !differences.some(({ id }) => id.startsWith("malformed:"));
}

function runDifferences({ run: expected }: CaseResult, { run: actual }: CaseResult): readonly Difference[] {
  if (expected === undefined || actual === undefined) return [];
  const differences: Difference[] = [];
  if (expected.exitCode !== actual.exitCode)
    differences.push({
      id: "run:exitCode",
      expected: String(expected.exitCode),
      actual: String(actual.exitCode),
    });
  if (expected.output !== actual.output)
    differences.push({
      id: "run:stdout",
      expected: JSON.stringify(expected.output),
      actual: JSON.stringify(actual.output),
    });
  return differences;
}
