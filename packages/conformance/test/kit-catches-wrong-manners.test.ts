import { describe, expect, it } from "vitest";
import { notPassed } from "../src/testing/mutants/not-passed.ts";
import { pluginMutants } from "../src/testing/mutants/plugin-mutants.ts";
import { secretMutants } from "../src/testing/mutants/secret-mutants.ts";

const mutants = [...pluginMutants, ...secretMutants].map((mutant) => [mutant.name, mutant] as const);

describe("a builder that", () => {
  it.each(mutants)("%s is caught", { timeout: 120_000 }, async (_, mutant) => {
    expect(await notPassed(mutant)).toEqual(mutant.caughtBy);
  });
});
