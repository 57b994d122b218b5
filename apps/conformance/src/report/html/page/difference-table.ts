import { counted } from "../../counted.ts";
import type { ReportCase, ReportCell } from "../../report.ts";
import { element, scrollable } from "./element.ts";
import type { View } from "./view.ts";

/** Every fact that is not so with somebody, side by side with what the others have there. */
export function differenceTable(of: ReportCase, { report, resultsOf }: View): HTMLElement | undefined {
  const results = resultsOf.get(of.id) ?? [];
  const wanted = new Map(
    results.flatMap(({ differences }) => differences.map(({ id, expected }) => [id, expected])),
  );
  if (wanted.size === 0) return undefined;
  const builders = report.builders.map(({ id }) => id);
  return element(
    "div",
    {},
    element("h5", {}, "Differences"),
    comparison(
      `Differences of ${of.id}`,
      ["What", "Wanted", ...builders],
      Array.from(wanted, ([id, expected]) => [
        id,
        expected,
        ...builders.map((builder) =>
          actual(
            results.find((result) => result.builder === builder),
            id,
          ),
        ),
      ]),
    ),
  );
}

/** Nothing is said of an image that there is not. */
function actual(result: ReportCell | undefined, id: string): string | Node {
  const found = result?.differences.find((difference) => difference.id === id);
  if (found !== undefined) return element("span", { class: "wrong" }, found.actual);
  const compared =
    result?.digest !== undefined || result?.status === "pass" || result?.status === "pass-with-warning";
  return compared ? element("span", { class: "right" }, "as wanted") : "–";
}

/** Where an image is not like the reference builder's, beyond the facts. */
export function parityTables(results: readonly ReportCell[]): (HTMLElement | undefined)[] {
  return results.map(({ builder, parity }) => {
    if (parity === undefined || parity.differences.length === 0) return undefined;
    return element(
      "details",
      {},
      element(
        "summary",
        {},
        `Beyond the facts: ${builder} and ${parity.with} differ in ${counted(parity.differences.length, "thing")}`,
      ),
      comparison(
        `${builder} beside ${parity.with}`,
        ["What", parity.with, builder],
        parity.differences.map(({ id, expected, actual: is }) => [id, expected, is]),
      ),
    );
  });
}

function comparison(
  label: string,
  head: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
): HTMLElement {
  return scrollable(
    label,
    element(
      "table",
      { class: "comparison" },
      element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
      element(
        "tbody",
        {},
        ...rows.map(([first = "", ...rest]) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, first),
            ...rest.map((value) => element("td", {}, value)),
          ),
        ),
      ),
    ),
  );
}
