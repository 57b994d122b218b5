import type { FeatureMeasured } from "../../report.ts";
import { builderTable } from "./builder-table.ts";
import { button, element, heard } from "./element.ts";
import { featureState } from "./feature-state.ts";
import type { View } from "./view.ts";

/** Features by builders: what each says of itself, and what the corpus found. */
export function featureTable(view: View): HTMLElement {
  const { report, meanings } = view;
  const measured = report.builders.flatMap(({ features }) => features.filter(({ score }) => score.cells > 0));
  const names = new Set<string>(measured.map(({ feature }) => feature));
  const others = Object.keys(meanings.features).filter((feature) => !names.has(feature));
  const table = builderTable(
    view,
    {
      label: "Features by builder",
      caption: "What a builder may lack, if it refuses it before the build. A cell shows its cases.",
      first: "Feature",
    },
    Object.entries(meanings.features)
      .filter(([feature]) => names.has(feature))
      .map(([feature, meaning]) => ({
        title: element("code", {}, feature),
        meaning,
        cell: (builder) => {
          const of = builder.features.find((one) => one.feature === feature);
          return of === undefined ? element("span", { class: "none" }, "–") : cell(of, builder.id, view);
        },
      })),
  );
  const rest =
    others.length === 0
      ? undefined
      : element("p", { class: "rest" }, `Not measured by any case: ${others.join(", ")}.`);
  return element("div", {}, table, ...(rest === undefined ? [] : [rest]));
}

function cell(measured: FeatureMeasured, builder: string, { show }: View): HTMLElement {
  const { feature, score } = measured;
  const { shade, text, note } = featureState(measured);
  if (score.cells === 0) return element("span", { class: "none" }, text);
  return button(
    { class: `score ${shade}` },
    () => show({ feature, builder }),
    heard(`${feature} with ${builder}: `),
    element("b", {}, text),
    element("small", {}, note),
  );
}
