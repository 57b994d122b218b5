import { counted } from "../../counted.ts";
import type { ReportBuilder, Score } from "../../report.ts";
import { percentOf, percentText } from "../../score.ts";
import { button, element, heard } from "./element.ts";
import { statusPill } from "./status-pill.ts";
import type { View } from "./view.ts";

/** A card for each builder: what it reached, how far, and what is in the way. */
export function builderCards(view: View): HTMLElement {
  return element("div", { class: "cards" }, ...view.report.builders.map((builder) => card(builder, view)));
}

function card(builder: ReportBuilder, view: View): HTMLElement {
  const { id, implementation, version, image, profile, score, level } = builder;
  return element(
    "article",
    { class: "card", "aria-label": `${implementation} ${version}` },
    element(
      "header",
      {},
      element("h3", {}, implementation, " ", element("span", { class: "version" }, version)),
      levelBadge(level.reached),
    ),
    element("p", { class: "image" }, `${id} · settings ${profile} · `, element("code", {}, image)),
    meter("Core", "what every builder must do", score.profiles.core),
    meter("Extended", "what a builder may lack if it says so", score.profiles.extended),
    breakdown(builder, view),
    missing(builder),
  );
}

function levelBadge(reached: string): HTMLElement {
  return element("span", { class: `level is-${reached}` }, reached === "none" ? "no level" : reached);
}

function meter(title: string, meaning: string, score: Score): HTMLElement {
  const bar = element(
    "span",
    { class: "bar", "aria-hidden": "true" },
    element("span", { class: "bar-fill" }),
  );
  const fill = bar.firstElementChild as HTMLElement;
  fill.style.width = `${percentOf(score) ?? 0}%`;
  return element(
    "div",
    { class: "meter" },
    element("p", {}, element("strong", {}, title), ` ${meaning}`),
    element("p", { class: "figure" }, percentText(score)),
    bar,
    element("p", { class: "count" }, countText(score)),
  );
}

function countText({ passed, applicable, known }: Score): string {
  return `${passed} of ${applicable} passed${known === 0 ? "" : `, ${counted(known, "known difference")}`}`;
}

/** Every status that occurs, with its number; each leads to its cases. */
function breakdown({ id, statuses }: ReportBuilder, { show }: View): HTMLElement {
  const occurring = Object.entries(statuses).filter(([, count]) => count > 0);
  const strip = element("div", { class: "strip", "aria-hidden": "true" });
  for (const [status, count] of occurring) {
    const piece = element("span", { class: `piece is-${status}` });
    piece.style.flexGrow = String(count);
    strip.append(piece);
  }
  const items = occurring.map(([status, count]) =>
    element(
      "li",
      {},
      button(
        { class: "plain" },
        () => show({ builder: id, status }),
        statusPill(status),
        element("span", { class: "number" }, String(count)),
        heard(`: show the cases of ${id}`),
      ),
    ),
  );
  return element("div", { class: "breakdown" }, strip, element("ul", {}, ...items));
}

function missing({ level }: ReportBuilder): HTMLElement | undefined {
  if (level.missing.length === 0) return undefined;
  const { length } = level.missing;
  return element(
    "details",
    {},
    element("summary", {}, `What keeps it from the next level (${length})`),
    element("ul", {}, ...level.missing.map((sentence) => element("li", {}, sentence))),
  );
}
