import type { ReportCase } from "../../report.ts";
import { caseDetails } from "./case-details.ts";
import { button, element } from "./element.ts";
import { cellPill } from "./status-pill.ts";
import type { View } from "./view.ts";

export interface CaseList {
  readonly node: HTMLElement;
  /** Leaves only these to be seen. */
  showOnly(cases: readonly ReportCase[]): void;
  /** Opens a case and leads there; false where there is none of this id. */
  open(id: string): boolean;
}

interface Row {
  readonly node: HTMLElement;
  open(): void;
}

/** Every case by its group, closed: what is inside is made when it is opened for the first time. */
export function caseList(view: View): CaseList {
  const rows = new Map(view.report.cases.map((of) => [of.id, caseRow(of, view)]));
  const sections = Object.entries(view.meanings.groups).flatMap(([group, meaning]) => {
    const own = view.report.cases.filter((of) => of.group === group);
    if (own.length === 0) return [];
    const nodes = own.flatMap(({ id }) => rows.get(id)?.node ?? []);
    return [{ own, node: section(group, meaning, nodes) }];
  });
  const nothing = element(
    "p",
    { class: "nothing", hidden: true },
    "No case is like that. Take a condition away.",
  );
  return {
    node: element("div", { class: "cases" }, nothing, ...sections.map(({ node }) => node)),
    showOnly(cases) {
      const shown = new Set(cases.map(({ id }) => id));
      for (const [id, { node }] of rows) node.hidden = !shown.has(id);
      for (const { own, node } of sections) node.hidden = !own.some(({ id }) => shown.has(id));
      nothing.hidden = shown.size > 0;
    },
    open(id) {
      const row = rows.get(id);
      if (row === undefined) return false;
      row.open();
      row.node.scrollIntoView();
      row.node.querySelector("button")?.focus({ preventScroll: true });
      return true;
    },
  };
}

function section(group: string, meaning: string, rows: readonly HTMLElement[]): HTMLElement {
  const title = `group_${group}`;
  return element(
    "section",
    { class: "group", "aria-labelledby": title },
    element("h3", { id: title }, group, element("small", {}, meaning)),
    ...rows,
  );
}

function caseRow(of: ReportCase, view: View): Row {
  const body = element("div", { class: "body", id: `${of.id}_details`, hidden: true });
  const setOpen = (open: boolean): void => {
    if (open && body.childElementCount === 0) body.append(caseDetails(of, view));
    body.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  const toggle = button(
    { class: "toggle", "aria-expanded": "false", "aria-controls": body.id },
    () => setOpen(body.hidden === true),
    element("span", { class: "title" }, of.title),
    element("code", { class: "id" }, of.id),
  );
  const results = view.resultsOf.get(of.id) ?? [];
  const pills = view.report.builders.map(({ id }) =>
    element(
      "li",
      {},
      element("span", { class: "who" }, id),
      cellPill(results.find(({ builder }) => builder === id)),
    ),
  );
  const head = element(
    "div",
    { class: "head" },
    element("h4", {}, toggle),
    element("ul", { class: "pills" }, ...pills),
  );
  const node = element("article", { class: "case", id: of.id, "aria-label": of.id }, head, body);
  return { node, open: () => setOpen(true) };
}
