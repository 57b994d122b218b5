import type { ReportCell } from "../../report.ts";
import { element } from "./element.ts";

/** Signs beside the words, so that nothing depends on colour. */
const SIGNS: Readonly<Record<string, string>> = {
  pass: "✓",
  "pass-with-warning": "✓",
  differs: "≠",
  "silently-ignored": "∅",
  unsupported: "⊘",
  skipped: "–",
  "harness-error": "?",
};

const TAGS: Readonly<Record<string, string>> = {
  known: "known",
  regression: "unexplained",
  "unexpected-pass": "unexpected",
};

/** How a cell ended, in words, with a sign and a colour. */
export function statusPill(status: string): HTMLElement {
  return element(
    "span",
    { class: `pill is-${status}` },
    element("span", { "aria-hidden": "true" }, SIGNS[status] ?? "✗"),
    ` ${words(status)}`,
  );
}

/** A cell's status, and what the list of known differences says of it where that is not plain. */
export function cellPill(result: ReportCell | undefined): HTMLElement {
  if (result === undefined) return element("span", { class: "pill is-missing" }, "no result");
  const pill = statusPill(result.status);
  const tag = TAGS[result.verdict];
  if (tag !== undefined) pill.append(element("span", { class: "tag" }, tag));
  return pill;
}

export function words(name: string): string {
  return name.replaceAll("-", " ");
}
