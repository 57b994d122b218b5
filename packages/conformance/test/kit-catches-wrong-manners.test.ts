import { describe, expect, it } from "vitest";
import { notPassed } from "../src/testing/mutants/not-passed.ts";
import { pluginMutants } from "../src/testing/mutants/plugin-mutants.ts";
import { secretMutants } from "../src/testing/mutants/secret-mutants.ts";

// KIT_MUTANTS=all runs every case with every mutant.
const thorough = process.env["KIT_MUTANTS"] === "all";
const mutants = [...pluginMutants, ...secretMutants].map((mutant) => [mutant.name, mutant] as const);

describe("a builder that", () => {
  it.each(mutants)("%s is caught", { timeout: 120_000 }, async (_, mutant) => {
    expect(await notPassed(mutant, { thorough })).toEqual(mutant.caughtBy);
  });
});
