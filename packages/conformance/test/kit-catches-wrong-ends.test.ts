import { describe, expect, it } from "vitest";
import { cancelMutants } from "../src/testing/mutants/cancel-mutants.ts";
import { failureMutants } from "../src/testing/mutants/failure-mutants.ts";
import { notPassed } from "../src/testing/mutants/not-passed.ts";
import { outputMutants } from "../src/testing/mutants/output-mutants.ts";

// KIT_MUTANTS=all runs every case with every mutant.
const thorough = process.env["KIT_MUTANTS"] === "all";
const mutants = [...cancelMutants, ...failureMutants, ...outputMutants].map(
  (mutant) => [mutant.name, mutant] as const,
);

describe("a builder that", () => {
  it.each(mutants)("%s is caught", { timeout: 120_000 }, async (_, mutant) => {
    expect(await notPassed(mutant, { thorough })).toEqual(mutant.caughtBy);
  });
});
