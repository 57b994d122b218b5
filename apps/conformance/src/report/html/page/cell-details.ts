import type { ReportCase, ReportCell } from "../../report.ts";
import { button, element, scrollable } from "./element.ts";
import { cellPill } from "./status-pill.ts";
import type { View } from "./view.ts";

/** What one builder made of a case: how it ended and why, its log, and how to see it again. */
export function cellDetails(
  of: ReportCase,
  builder: string,
  result: ReportCell | undefined,
  view: View,
): HTMLElement {
  return element(
    "section",
    { class: "cell", "aria-label": `${of.id} with ${builder}` },
    element("h5", {}, builder, " ", cellPill(result)),
    ...(result === undefined ? [] : outcome(result, view)),
    reproduce(of.id, builder),
  );
}

function outcome(result: ReportCell, { meanings }: View): (HTMLElement | undefined)[] {
  const { status, known, error, reason, warnings = [], attempts = 1, digest, durationMs } = result;
  return [
    element(
      "p",
      { class: "meaning" },
      `${meanings.statuses[status] ?? ""}; ${(durationMs / 1000).toFixed(1)} s`,
    ),
    attempts > 1 ? element("p", {}, `Flaky: tried ${attempts} times.`) : undefined,
    known === undefined ? undefined : knownNote(known),
    error === undefined ? undefined : errorNote(error),
    reason === undefined ? undefined : element("p", {}, reason),
    warnings.length === 0 ? undefined : element("ul", {}, ...warnings.map((text) => element("li", {}, text))),
    runNote(result),
    digest === undefined ? undefined : element("p", { class: "digest" }, element("code", {}, digest)),
    logOf(result),
  ];
}

function knownNote({ reason, evidence, issue, expires }: NonNullable<ReportCell["known"]>): HTMLElement {
  return element(
    "p",
    { class: "known" },
    element("strong", {}, "Known difference: "),
    `${reason}. Evidence: ${evidence}. Looked at again by ${expires}.`,
    issue?.startsWith("https://")
      ? element("a", { href: issue, rel: "noopener noreferrer" }, " Issue")
      : undefined,
  );
}

function errorNote({ code, message, remedy, line }: NonNullable<ReportCell["error"]>): HTMLElement {
  return element(
    "div",
    { class: "error" },
    element(
      "p",
      {},
      element("code", {}, code),
      line === undefined ? "" : ` line ${line}`,
      element("br"),
      message,
    ),
    remedy === undefined ? undefined : element("p", {}, element("strong", {}, "What to do: "), remedy),
  );
}

function runNote({ run }: ReportCell): HTMLElement | undefined {
  if (run === undefined) return undefined;
  return element(
    "details",
    {},
    element("summary", {}, `The image was run and ended with code ${run.exitCode}`),
    scrollable("Output of the image", element("pre", {}, run.output)),
  );
}

function logOf({ log = [], builder, case: id }: ReportCell): HTMLElement | undefined {
  if (log.length === 0) return undefined;
  return element(
    "details",
    { class: "log" },
    element("summary", {}, `Last ${log.length === 1 ? "line" : `${log.length} lines`} of the log`),
    scrollable(`Log of ${id} with ${builder}`, element("pre", {}, log.join("\n"))),
  );
}

function reproduce(id: string, builder: string): HTMLElement {
  const command = `npm run conformance -- --only ${id} --builder ${builder}`;
  const copy = button(
    { class: "copy", "aria-label": `Copy the command for ${builder}` },
    () => void copied(command, copy),
    "Copy",
  );
  return element("div", { class: "reproduce" }, element("code", {}, command), copy);
}

async function copied(text: string, told: HTMLElement): Promise<void> {
  // There is no clipboard for a page that came over plain HTTP.
  told.textContent =
    (await navigator.clipboard?.writeText(text).then(
      () => "Copied",
      () => "Not allowed",
    )) ?? "Not allowed";
}
