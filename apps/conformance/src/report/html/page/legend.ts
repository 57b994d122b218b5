import { element } from "./element.ts";
import { statusPill, words } from "./status-pill.ts";
import type { View } from "./view.ts";

/** The words of the page, explained. */
export function legend({ meanings }: View): HTMLElement {
  const entry = (term: Node | string, meaning: string): HTMLElement =>
    element("div", {}, element("dt", {}, term), element("dd", {}, meaning));
  return element(
    "dl",
    { class: "legend" },
    ...Object.entries(meanings.statuses).map(([status, meaning]) => entry(statusPill(status), meaning)),
    ...Object.entries(meanings.verdicts).map(([verdict, meaning]) => entry(words(verdict), meaning)),
    ...Object.entries(meanings.profiles).map(([profile, meaning]) => entry(profile, meaning)),
  );
}
