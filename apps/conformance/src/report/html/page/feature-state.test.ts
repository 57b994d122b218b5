import { expect, it } from "vitest";
import type { FeatureMeasured, Score } from "../../report.ts";
import { featureState } from "./feature-state.ts";

const measured = (declared: boolean, score: Partial<Score>): FeatureMeasured => ({
  feature: "copy-link",
  declared,
  score: { passed: 0, applicable: 0, known: 0, unsupported: 0, silentlyIgnored: 0, cells: 0, ...score },
});

it.each([
  ["no case needs it", measured(true, {}), "not measured"],
  ["all pass", measured(true, { passed: 2, applicable: 2, cells: 2 }), "works"],
  ["all pass, undeclared", measured(false, { passed: 2, applicable: 2, cells: 2 }), "works, not declared"],
  ["some pass", measured(true, { passed: 1, applicable: 2, cells: 2 }), "works in part"],
  ["none passes", measured(true, { applicable: 2, cells: 2 }), "does not work"],
  ["all are refused", measured(false, { unsupported: 2, cells: 2 }), "refused"],
  [
    "all are refused, declared",
    measured(true, { applicable: 2, unsupported: 2, cells: 2 }),
    "declared, refused",
  ],
  [
    "one is silently ignored",
    measured(true, { passed: 1, applicable: 2, silentlyIgnored: 1, cells: 2 }),
    "silently ignored",
  ],
  ["all are skipped", measured(false, { cells: 2 }), "not measured"],
])("says what a builder makes of a feature when %s", (_name, of, text) => {
  expect(featureState(of).text).toBe(text);
});
