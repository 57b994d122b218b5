import type { ReportBuilder } from "../../report.ts";
import { element, scrollable } from "./element.ts";
import type { View } from "./view.ts";

export interface TableRow {
  readonly title: Node | string;
  readonly meaning: string;
  cell(builder: ReportBuilder): Node;
}

/** A table with a column for each builder. */
export function builderTable(
  { report }: View,
  words: { readonly label: string; readonly caption: string; readonly first: string },
  rows: readonly TableRow[],
  total?: TableRow,
): HTMLElement {
  const line = ({ title, meaning, cell }: TableRow): HTMLElement =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, title, element("small", {}, meaning)),
      ...report.builders.map((builder) => element("td", {}, cell(builder))),
    );
  const heads = report.builders.map(({ id, version }) =>
    element("th", { scope: "col" }, id, element("small", {}, version)),
  );
  return scrollable(
    words.label,
    element(
      "table",
      { class: "matrix" },
      element("caption", {}, words.caption),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, words.first), ...heads)),
      element("tbody", {}, ...rows.map(line)),
      total === undefined ? undefined : element("tfoot", {}, line(total)),
    ),
  );
}
