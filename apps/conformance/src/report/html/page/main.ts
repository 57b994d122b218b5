import { builderCards } from "./builder-cards.ts";
import {
  type CaseFilter,
  filterCases,
  filterOfHash,
  hashOfFilter,
  NO_FILTER,
  resultsByCase,
} from "./case-filter.ts";
import { caseList } from "./case-list.ts";
import { fill } from "./element.ts";
import { featureTable } from "./feature-table.ts";
import { filterBar } from "./filter-bar.ts";
import { groupMatrix } from "./group-matrix.ts";
import { legend } from "./legend.ts";
import type { PageData } from "./page-data.ts";
import { runFacts } from "./run-facts.ts";
import type { View } from "./view.ts";

function start(data: PageData): void {
  const view: View = {
    ...data,
    resultsOf: resultsByCase(data.report.results),
    show: (filter) => {
      setFilter({ ...NO_FILTER, ...filter });
      const cases = document.getElementById("_cases");
      cases?.scrollIntoView();
      cases?.focus({ preventScroll: true });
    },
  };
  const list = caseList(view);
  const bar = filterBar(view, setFilter);

  function apply(filter: CaseFilter): void {
    const cases = filterCases(data.report, filter);
    list.showOnly(cases);
    bar.update(filter, cases.length);
  }

  function setFilter(filter: CaseFilter): void {
    apply(filter);
    // Some browsers let a file's page change nothing but its hash.
    history.replaceState(null, "", hashOfFilter(filter) || "#");
  }

  /** The address names a case, a filter, or a part of the page, which the browser finds by itself. */
  function follow(): void {
    const filter = filterOfHash(location.hash);
    apply(filter ?? NO_FILTER);
    if (filter === undefined) list.open(location.hash.slice(1));
  }

  fill("run", runFacts(view));
  fill("builders", builderCards(view));
  fill("matrix", groupMatrix(view));
  fill("features", featureTable(view));
  fill("filters", bar.node);
  fill("list", list.node);
  fill("legend", legend(view));
  follow();
  addEventListener("hashchange", follow);
}

start(JSON.parse(document.getElementById("_data")?.textContent ?? "") as PageData);
