import { expect, it } from "vitest";
import { badgeEndpoint, badgeSvg } from "./badge.ts";
import { cleanReport, sampleReport } from "./testing/sample-report.ts";

it("says which level was reached, and how much of core passed", async () => {
  const [kaniko] = (await cleanReport()).builders;
  if (kaniko === undefined) throw new Error("The sample has no builder");
  expect(JSON.parse(badgeEndpoint(kaniko))).toEqual({
    schemaVersion: 1,
    label: "conformance: kaniko",
    message: "gold, core 100 %",
    color: "#b8860b",
  });
  expect(badgeSvg(kaniko)).toMatch(/^<svg [\s\S]*conformance: kaniko: gold, core 100 %/);
});

it("claims no level where none is reached", async () => {
  const [kaniko] = (await sampleReport()).builders;
  if (kaniko === undefined) throw new Error("The sample has no builder");
  expect(JSON.parse(badgeEndpoint(kaniko))).toMatchObject({ message: "core 22.2 %", color: "#c4314b" });
});
