import { describe, expect, it } from "vitest";
import { measuredFeatures } from "./measured-features.ts";
import type { RunRecord } from "./run-record.ts";
import { KANIKO, madeUpCase, madeUpResult } from "./testing/made-up.ts";

describe("a measurement", () => {
  it("says of each feature what the builder makes of it, and where its table is wrong", () => {
    const record = {
      builders: [KANIKO],
      cases: [
        madeUpCase("chmod", { features: ["copy-chmod"] }),
        madeUpCase("chmod-again", { features: ["copy-chmod"] }),
        madeUpCase("link", { features: ["copy-link"] }),
        madeUpCase("parents", { features: ["copy-parents"] }),
        madeUpCase("chmod-and-parents", { features: ["copy-chmod", "copy-parents"] }),
        madeUpCase("security-fails", { features: ["run-security"], expect: { fails: ["BUILD_FAILED"] } }),
        madeUpCase("plain"),
      ],
      results: [
        madeUpResult("chmod", "kaniko"),
        madeUpResult("chmod-again", "kaniko", "differs"),
        madeUpResult("link", "kaniko"),
        madeUpResult("parents", "kaniko", "silently-ignored"),
        madeUpResult("chmod-and-parents", "kaniko", "fail"),
        madeUpResult("security-fails", "kaniko"),
        madeUpResult("plain", "kaniko"),
      ],
    } as unknown as RunRecord;
    expect(measuredFeatures(record)).toEqual([
      "kaniko run-security: 1 pass",
      "kaniko copy-parents: 1 silently-ignored, 1 fail",
      "kaniko copy-link: 1 pass  <- could be declared",
      "kaniko copy-chmod (declared): 1 pass, 1 differs  <- declared, and not so",
    ]);
  });
});
