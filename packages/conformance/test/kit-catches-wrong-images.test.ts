import { describe, expect, it } from "vitest";
import { contextMutants } from "../src/testing/mutants/context-mutants.ts";
import { imageMutants } from "../src/testing/mutants/image-mutants.ts";
import { notPassed } from "../src/testing/mutants/not-passed.ts";
import { requestMutants } from "../src/testing/mutants/request-mutants.ts";

// KIT_MUTANTS=all runs every case with every mutant.
const thorough = process.env["KIT_MUTANTS"] === "all";
const mutants = [...contextMutants, ...imageMutants, ...requestMutants].map(
  (mutant) => [mutant.name, mutant] as const,
);

describe("a builder that", () => {
  it.each(mutants)("%s is caught", { timeout: 120_000 }, async (_, mutant) => {
    expect(await notPassed(mutant, { thorough })).toEqual(mutant.caughtBy);
  });
});
