import type { ReportCase } from "../../report.ts";

/** What is asked, and the answer that a correct builder gives. */
export type WantedFact = readonly [subject: string, value: string];

/** The facts of a case, one a line, in words. */
export function wantedFacts({ expect }: Pick<ReportCase, "expect">): WantedFact[] {
  if ("fails" in expect) {
    const line = expect["line"] === undefined ? [] : [["names line", String(expect["line"])] as const];
    return [["fails with", listed(expect["fails"])], ["pushes", "nothing"], ...line];
  }
  return Object.entries(expect).flatMap(([kind, value]): WantedFact[] => {
    switch (kind) {
      case "config":
        return entriesOf(value).map(([field, fact]) => [
          `config ${field}`,
          fact === null ? "absent" : said(fact),
        ]);
      case "files":
        return entriesOf(value).map(([path, fact]) => [
          path,
          fact === null ? "is not there" : fileText(fact),
        ]);
      case "changed":
        return [["changes exactly", listed(value)]];
      case "layers":
        return [["layers of its own", said(value)]];
      case "log":
        return [["prints, in this order", listed(value)]];
      case "run":
        return entriesOf(value).map(([what, fact]) => [`run: ${what}`, said(fact)]);
      default:
        return [[kind, said(value)]];
    }
  });
}

function entriesOf(value: unknown): [string, unknown][] {
  return Object.entries(value as object);
}

function fileText(fact: unknown): string {
  return entriesOf(fact)
    .map(([what, value]) => (what === "type" ? said(value) : `${what} ${said(value)}`))
    .join(", ");
}

function listed(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(", ") : said(value);
}

function said(value: unknown): string {
  return typeof value === "string" && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value)
    ? value
    : JSON.stringify(value);
}
