import { LEVEL_NAMES, type Level, type LevelName, type Score } from "./report.ts";
import { hasPassed, type ScoredCell, scoreOf } from "./score.ts";

/** What the rules of the levels look at. */
export interface Measured {
  readonly cells: readonly ScoredCell[];
  readonly declared: readonly string[];
  /** Why the run is not complete; empty when it is. */
  readonly gaps: readonly string[];
}

interface Rule {
  /** For the documentation: what must be so. */
  readonly says: string;
  /** What is not so, for the one who wants the level; undefined where the rule holds. */
  broken(measured: Measured): string | undefined;
}

const BRONZE_CORE = 0.9;

/** Each level includes those before it. */
export const LEVEL_RULES: Readonly<Record<Exclude<LevelName, "none">, readonly Rule[]>> = {
  bronze: [
    {
      says: "the run is complete: every case has a result, and no harness error is among them",
      broken: ({ gaps }) => (gaps.length === 0 ? undefined : `the run is not complete: ${gaps.join("; ")}`),
    },
    {
      says: "at least 90 % of the core profile pass",
      broken: ({ cells, declared }) => {
        const score = scoreOf(coreOf(cells), declared);
        const enough = score.applicable > 0 && score.passed >= BRONZE_CORE * score.applicable;
        return enough ? undefined : `${passedOf(score)} of the core profile pass, and 90 % are needed`;
      },
    },
    {
      says: "no case makes the builder break down",
      broken: ({ cells }) =>
        told(
          "cases that break it down",
          casesWhere(cells, ({ result }) => result.status === "crash"),
        ),
    },
    {
      says: "no image is malformed",
      broken: ({ cells }) => told("cases that make a malformed image", casesWhere(cells, isMalformed)),
    },
  ],
  silver: [
    {
      says: "all of the core profile passes, but for known differences",
      broken: ({ cells }) =>
        told(
          "cases of the core profile that do not pass, unexplained",
          casesWhere(coreOf(cells), isUnexplained),
        ),
    },
    {
      says: "nothing is silently ignored, known or not",
      broken: ({ cells }) =>
        told(
          "cases that are silently ignored",
          casesWhere(cells, ({ result }) => result.status === "silently-ignored"),
        ),
    },
  ],
  gold: [
    {
      says: "every case of every feature that it declares passes, and there is one; known differences are no excuse",
      broken: ({ cells, declared }) => {
        const claimed = declared.filter((feature) => !isProven(feature, cells, declared));
        return claimed.length === 0 ? undefined : `declared and not proven: ${claimed.join(", ")}`;
      },
    },
    {
      says: "every Dockerfile that must fail, fails, for the right reason and with nothing pushed",
      broken: ({ cells, declared }) =>
        told(
          "cases that must fail, and do not as they should",
          casesWhere(cells, (cell) => isNegative(cell) && counts(cell, declared)),
        ),
    },
  ],
};

/** The highest level of which this and every lower one's rules hold, and what the next one lacks. */
export function levelOf(measured: Measured): Level {
  let reached: LevelName = "none";
  for (const name of LEVEL_NAMES) {
    if (name === "none") continue;
    const missing = LEVEL_RULES[name].flatMap((rule) => rule.broken(measured) ?? []);
    if (missing.length > 0) return { reached, missing };
    reached = name;
  }
  return { reached, missing: [] };
}

function coreOf(cells: readonly ScoredCell[]): ScoredCell[] {
  return cells.filter(({ of }) => of.profile === "core");
}

function isMalformed({ result }: ScoredCell): boolean {
  return result.differences.some(({ id }) => id.startsWith("malformed:"));
}

function isUnexplained({ result }: ScoredCell): boolean {
  return !hasPassed(result) && result.verdict !== "known";
}

function isNegative({ of }: ScoredCell): boolean {
  return "fails" in of.expect;
}

/** True for a cell that should have passed and has not. */
function counts(cell: ScoredCell, declared: readonly string[]): boolean {
  const { passed, applicable } = scoreOf([cell], declared);
  return applicable > passed;
}

function isProven(feature: string, cells: readonly ScoredCell[], declared: readonly string[]): boolean {
  const score = scoreOf(
    cells.filter(({ of }) => of.features.some((needed) => needed === feature)),
    declared,
  );
  return score.applicable > 0 && score.passed === score.applicable;
}

function casesWhere(cells: readonly ScoredCell[], wanted: (cell: ScoredCell) => boolean): string[] {
  return cells.filter(wanted).map(({ of }) => of.id);
}

const SHOWN = 5;

/** Such as "cases that break it down: a, b, c". */
function told(what: string, ids: readonly string[]): string | undefined {
  if (ids.length === 0) return undefined;
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : "";
  return `${what}: ${ids.slice(0, SHOWN).join(", ")}${more}`;
}

function passedOf({ passed, applicable }: Score): string {
  return `${passed} of ${applicable} cases`;
}
