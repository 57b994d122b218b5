import { describe, expect, it } from "vitest";
import { levelOf, type Measured } from "./level.ts";
import type { ScoredCell } from "./score.ts";
import { scoredCell } from "./testing/scored-cell.ts";

const passed = (count: number): ScoredCell[] =>
  Array.from({ length: count }, (_, index) => scoredCell({ status: "pass" }, { id: `core-${index}` }));

const level = (cells: readonly ScoredCell[], about: Partial<Measured> = {}) =>
  levelOf({ cells, declared: [], gaps: [], ...about });

describe("no level", () => {
  it("is what a run has that is not complete, however well it passed", () => {
    expect(level(passed(9), { gaps: ["1 case has no result"] })).toEqual({
      reached: "none",
      missing: ["the run is not complete: 1 case has no result"],
    });
  });

  it("is what a run without a core case has", () => {
    expect(level([]).reached).toBe("none");
  });

  it("is what less than 90 % of core reach", () => {
    const cells = [...passed(8), scoredCell({ status: "differs", verdict: "known" })];
    expect(level(cells)).toEqual({
      reached: "none",
      missing: ["8 of 9 cases of the core profile pass, and 90 % are needed"],
    });
  });

  it("is what one crash leads to, and one malformed image", () => {
    const crash = scoredCell(
      { status: "crash", verdict: "known" },
      { id: "big-one", features: ["copy-link"] },
    );
    expect(level([...passed(20), crash]).missing).toEqual(["cases that break it down: big-one"]);
    const malformed = scoredCell({
      status: "differs",
      verdict: "known",
      differences: [{ id: "malformed:layer 1", expected: "a tar", actual: "none" }],
    });
    expect(level([...passed(20), malformed]).missing).toEqual(["cases that make a malformed image: a-case"]);
  });
});

describe("bronze", () => {
  it("is reached with 90 % of core, and says which cases silver lacks", () => {
    const cells = [...passed(9), scoredCell({ status: "fail", verdict: "regression" }, { id: "broken" })];
    expect(level(cells)).toEqual({
      reached: "bronze",
      missing: ["cases of the core profile that do not pass, unexplained: broken"],
    });
  });

  it("is as far as one goes who ignores something silently, known or not", () => {
    const ignored = scoredCell(
      { status: "silently-ignored", verdict: "known" },
      { id: "ignored", features: ["copy-link"] },
    );
    expect(level([...passed(9), ignored])).toEqual({
      reached: "bronze",
      missing: ["cases that are silently ignored: ignored"],
    });
  });
});

describe("silver", () => {
  const withWaiver = [...passed(9), scoredCell({ status: "differs", verdict: "known" })];

  it("is reached with known differences in core", () => {
    expect(level(withWaiver, { declared: ["copy-link"] })).toEqual({
      reached: "silver",
      missing: ["declared and not proven: copy-link"],
    });
  });

  it("is as far as one goes who builds what must fail, though it is known", () => {
    const accepted = scoredCell(
      { status: "accepts-invalid", verdict: "known" },
      { id: "no-from", expect: { fails: ["INVALID_REQUEST"] } },
    );
    expect(level([...passed(9), accepted])).toEqual({
      reached: "silver",
      missing: ["cases that must fail, and do not as they should: no-from"],
    });
  });

  it("is as far as one goes who declares a feature of which one case is a known difference", () => {
    const feature = { features: ["copy-link"] } as const;
    const cells = [
      ...passed(9),
      scoredCell({ status: "pass" }, { ...feature, features: [...feature.features] }),
      scoredCell({ status: "differs", verdict: "known" }, { id: "other", features: ["copy-link"] }),
    ];
    expect(level(cells, { declared: ["copy-link"] }).reached).toBe("silver");
    expect(level(cells, { declared: [] }).reached).toBe("gold");
  });
});

describe("gold", () => {
  it("is reached when all that is declared is proven, and lacks nothing", () => {
    const cells = [...passed(9), scoredCell({ status: "pass" }, { id: "link", features: ["copy-link"] })];
    expect(level(cells, { declared: ["copy-link"] })).toEqual({ reached: "gold", missing: [] });
  });

  it("asks for nothing that is honestly refused", () => {
    const refused = scoredCell({ status: "unsupported" }, { id: "link", features: ["copy-link"] });
    expect(level([...passed(9), refused]).reached).toBe("gold");
  });
});
