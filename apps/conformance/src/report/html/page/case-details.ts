import type { ReportCase } from "../../report.ts";
import { cellDetails } from "./cell-details.ts";
import { differenceTable, parityTables } from "./difference-table.ts";
import { element, scrollable } from "./element.ts";
import type { View } from "./view.ts";
import { wantedFacts } from "./wanted-facts.ts";

/** All there is to know of a case: what is built, what is wanted, and what each builder made of it. */
export function caseDetails(of: ReportCase, view: View): HTMLElement {
  const results = view.resultsOf.get(of.id) ?? [];
  const lines = new Set(results.flatMap(({ error }) => error?.line ?? []));
  return element(
    "div",
    { class: "details" },
    element(
      "p",
      { class: "about" },
      element("a", { href: `#${of.id}` }, "Link to this case"),
      ...specLink(of.spec),
      ` · ${of.profile} · base ${of.base}`,
      of.features.length > 0 ? ` · needs ${of.features.join(", ")}` : "",
    ),
    element(
      "div",
      { class: "columns" },
      element("div", {}, element("h5", {}, "Dockerfile"), dockerfile(of, lines), buildOptions(of)),
      element("div", {}, element("h5", {}, "Facts wanted"), factTable(of)),
    ),
    differenceTable(of, view),
    ...parityTables(results),
    element(
      "div",
      { class: "columns" },
      ...view.report.builders.map(({ id }) =>
        cellDetails(
          of,
          id,
          results.find(({ builder }) => builder === id),
          view,
        ),
      ),
    ),
  );
}

function specLink(spec: string): (HTMLElement | string)[] {
  if (!spec.startsWith("https://")) return [];
  return [" · ", element("a", { href: spec, rel: "noopener noreferrer" }, "What the reference says")];
}

/** With numbers, because errors name lines; those that one names stand out. */
function dockerfile({ dockerfile: text, id }: ReportCase, named: ReadonlySet<number>): HTMLElement {
  const lines = text.replace(/\n$/, "").split("\n");
  return scrollable(
    `Dockerfile of ${id}`,
    element(
      "ol",
      { class: "code" },
      ...lines.map((line, index) =>
        element("li", named.has(index + 1) ? { class: "named" } : {}, element("code", {}, line)),
      ),
    ),
  );
}

function buildOptions({ build }: ReportCase): HTMLElement | undefined {
  const { dockerfile: path, ...options } = build;
  const said = Object.entries({ ...(path === "Dockerfile" ? {} : { dockerfile: path }), ...options });
  if (said.length === 0) return undefined;
  return element(
    "p",
    { class: "options" },
    "Built with ",
    element("code", {}, said.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")),
  );
}

function factTable(of: ReportCase): HTMLElement {
  return scrollable(
    `Facts wanted of ${of.id}`,
    element(
      "table",
      { class: "facts-wanted" },
      element(
        "tbody",
        {},
        ...wantedFacts(of).map(([subject, value]) =>
          element("tr", {}, element("th", { scope: "row" }, subject), element("td", {}, value)),
        ),
      ),
    ),
  );
}
