import { type CaseFilter, NO_FILTER } from "./case-filter.ts";
import { button, element } from "./element.ts";
import { words } from "./status-pill.ts";
import type { View } from "./view.ts";

export interface FilterBar {
  readonly node: HTMLElement;
  /** Shows a filter, and how many cases it lets through. */
  update(filter: CaseFilter, shown: number): void;
}

/** The controls above the list; every change is told at once. */
export function filterBar(view: View, onChange: (filter: CaseFilter) => void): FilterBar {
  const { report, meanings } = view;
  const occurring = (names: readonly string[], of: (name: string) => boolean): string[] => names.filter(of);
  const search = element("input", {
    type: "search",
    id: "filter_text",
    placeholder: "id, title or Dockerfile",
    autocomplete: "off",
  });
  const selects: Readonly<Record<Exclude<keyof CaseFilter, "text">, HTMLSelectElement>> = {
    builder: select(
      "builder",
      report.builders.map(({ id }) => id),
    ),
    status: select(
      "status",
      occurring(Object.keys(meanings.statuses), (name) =>
        report.results.some(({ status }) => status === name),
      ),
    ),
    verdict: select(
      "verdict",
      occurring(Object.keys(meanings.verdicts), (name) =>
        report.results.some(({ verdict }) => verdict === name),
      ),
    ),
    group: select(
      "group",
      occurring(Object.keys(meanings.groups), (name) => report.cases.some(({ group }) => group === name)),
    ),
    feature: select(
      "feature",
      occurring(Object.keys(meanings.features), (name) =>
        report.cases.some(({ features }) => features.some((one) => one === name)),
      ),
    ),
  };
  const shownCases = element("output", { class: "shown", "aria-live": "polite" });
  const read = (): CaseFilter => ({
    text: search.value,
    group: selects.group.value,
    feature: selects.feature.value,
    builder: selects.builder.value,
    status: selects.status.value,
    verdict: selects.verdict.value,
  });
  const form = element(
    "form",
    { class: "filters", role: "search", "aria-label": "Filter the cases" },
    labelled("Text", search),
    ...Object.entries(selects).map(([name, control]) => labelled(name, control)),
    button({ class: "clear" }, () => onChange(NO_FILTER), "Clear"),
    shownCases,
  );
  form.addEventListener("input", () => onChange(read()));
  form.addEventListener("submit", (event) => event.preventDefault());
  return {
    node: form,
    update(filter, shown) {
      if (search.value !== filter.text) search.value = filter.text;
      for (const [name, control] of Object.entries(selects)) control.value = filter[name as keyof CaseFilter];
      shownCases.textContent = `${shown} of ${report.cases.length} cases`;
    },
  };
}

function select(name: string, values: readonly string[]): HTMLSelectElement {
  return element(
    "select",
    { id: `filter_${name}` },
    element("option", { value: "" }, "any"),
    ...values.map((value) => element("option", { value }, name === "feature" ? value : words(value))),
  );
}

function labelled(text: string, control: HTMLElement): HTMLElement {
  return element("label", { for: control.id }, element("span", {}, text), control);
}
