import { element } from "./element.ts";
import type { View } from "./view.ts";

/** When, where, and of what corpus; and why it is not the whole where it is not. */
export function runFacts({ report: { run, cases, results, waivers } }: View): HTMLElement {
  const { startedAt = "", kubernetes = "" } = run.parts[0] ?? {};
  const minutes = run.parts.reduce((sum, { durationMs }) => sum + durationMs, 0) / 60_000;
  const facts: readonly (readonly [string, string])[] = [
    ["Run", startedAt.slice(0, 16).replace("T", " ").concat(" UTC")],
    ["Cases", `${cases.length}`],
    ["Builds", `${results.length} in ${minutes < 1 ? "less than a minute" : `${Math.round(minutes)} min`}`],
    ["Kubernetes", kubernetes],
    ["Slipway", run.tool],
    ["Corpus", run.corpusDigest.replace("sha256:", "").slice(0, 12)],
  ];
  const troubles = [
    ...run.gaps.map((gap) => `Not complete: ${gap}`),
    ...waivers.map(({ message }) => message),
  ];
  return element(
    "div",
    {},
    element(
      "dl",
      { class: "facts" },
      ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
    ),
    troubles.length === 0
      ? undefined
      : element(
          "div",
          { class: "notice", role: "note" },
          element("ul", {}, ...troubles.map((trouble) => element("li", {}, trouble))),
        ),
  );
}
