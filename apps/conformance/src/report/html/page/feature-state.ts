import type { FeatureMeasured } from "../../report.ts";

interface FeatureState {
  readonly shade: string;
  readonly text: string;
  readonly note: string;
}

/** In words, what a builder makes of a feature. */
export function featureState({ declared, score }: FeatureMeasured): FeatureState {
  const { cells, passed, applicable, unsupported, silentlyIgnored } = score;
  const note = `${passed} of ${applicable} passed`;
  if (cells === 0) return { shade: "heat-none", text: "not measured", note: "" };
  if (silentlyIgnored > 0) {
    return { shade: "heat-low", text: "silently ignored", note: `in ${silentlyIgnored} of ${cells}` };
  }
  if (unsupported === cells) {
    const shade = declared ? "heat-low" : "heat-none";
    return { shade, text: declared ? "declared, refused" : "refused", note: "before the build" };
  }
  if (applicable === 0) return { shade: "heat-none", text: "not measured", note: `${cells} skipped` };
  if (passed === applicable)
    return { shade: "heat-full", text: declared ? "works" : "works, not declared", note };
  if (passed === 0) return { shade: "heat-low", text: "does not work", note };
  return { shade: "heat-middle", text: "works in part", note };
}
