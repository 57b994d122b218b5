import type { Score } from "../../report.ts";
import { percentOf, percentText } from "../../score.ts";
import { builderTable } from "./builder-table.ts";
import { button, element, heard } from "./element.ts";
import type { View } from "./view.ts";

/** Groups by builders: percent, and passed of applicable. A cell leads to its cases. */
export function groupMatrix(view: View): HTMLElement {
  const { report, meanings, show } = view;
  const groups = Object.entries(meanings.groups).filter(([group]) =>
    report.cases.some((of) => of.group === group),
  );
  return builderTable(
    view,
    {
      label: "Groups by builder",
      caption: "Passed of applicable cases. Known differences are not passed. A cell shows its cases.",
      first: "Group",
    },
    groups.map(([group, meaning]) => ({
      title: group,
      meaning,
      cell: ({ id, score }) =>
        scoreButton(score.groups[group as keyof typeof score.groups], `${group} with ${id}`, () =>
          show({ group, builder: id }),
        ),
    })),
    {
      title: "all",
      meaning: "every group",
      cell: ({ id, score }) => scoreButton(score.all, `all with ${id}`, () => show({ builder: id })),
    },
  );
}

function scoreButton(score: Score | undefined, what: string, onClick: () => void): HTMLElement {
  if (score === undefined || score.cells === 0) return element("span", { class: "none" }, "–");
  const { passed, applicable } = score;
  const text = applicable === 0 ? "none applicable" : `${passed} of ${applicable}`;
  return button(
    { class: `score ${shadeOf(score)}` },
    onClick,
    heard(`${what}: `),
    element("b", {}, percentText(score)),
    element("small", {}, text),
  );
}

function shadeOf(score: Score): string {
  const percent = percentOf(score);
  if (percent === undefined) return "heat-none";
  if (percent === 100) return "heat-full";
  if (percent >= 90) return "heat-high";
  return percent >= 60 ? "heat-middle" : "heat-low";
}
