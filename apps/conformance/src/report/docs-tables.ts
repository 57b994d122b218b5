import { STATUSES } from "@slipway/conformance";
import { VERDICTS } from "../run-record.ts";
import { LEVEL_RULES } from "./level.ts";
import { plain, table } from "./markdown.ts";

/** The generated blocks of `docs/conformance.md`, by name. */
export function docsTables(): Readonly<Record<string, string>> {
  return {
    statuses: meanings("status", STATUSES),
    verdicts: meanings("verdict", VERDICTS),
    levels: table(
      ["level", "what must be so, besides all of the level before"],
      Object.entries(LEVEL_RULES).map(([level, rules]) => [
        level,
        rules.map(({ says }) => plain(says)).join("<br>"),
      ]),
    ),
  };
}

function meanings(head: string, names: Readonly<Record<string, string>>): string {
  return table(
    [head, "meaning"],
    Object.entries(names).map(([name, meaning]) => [`\`${name}\``, plain(meaning)]),
  );
}
