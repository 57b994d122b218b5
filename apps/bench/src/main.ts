// npm run bench: every figure against its counterpart in one run. Arguments choose groups.
import { join } from "node:path";
import { loadTestbed } from "@slipway/testbed";
import { containerStepFigures } from "./against-official/container-step.ts";
import { prepareJobFigures } from "./against-official/prepare-job.ts";
import { scriptStepFigures } from "./against-official/script-step.ts";
import { contextTransferFigures } from "./context-transfer.ts";
import { type Figure, figureLine } from "./figure.ts";
import { imageComparisonFigures } from "./image-comparison.ts";
import { processStartFigures } from "./process-start.ts";
import { stepOverheadFigures } from "./step-overhead.ts";

const hook = join(import.meta.dirname, "../../../packages/hook/dist/index.js");
const testbed = await loadTestbed();
const groups: Readonly<Record<string, () => Promise<Figure[]>>> = {
  start: () => processStartFigures(hook),
  "prepare-job": () => prepareJobFigures(testbed, hook),
  "script-step": () => scriptStepFigures(testbed, hook),
  "container-step": () => containerStepFigures(testbed, hook),
  step: () => stepOverheadFigures(testbed, hook),
  transfer: () => contextTransferFigures(testbed),
  images: () => imageComparisonFigures(),
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(groups);

for (const group of wanted) {
  const measure = groups[group];
  if (measure === undefined)
    throw new Error(`Unknown group "${group}"; known: ${Object.keys(groups).join(", ")}`);
  console.log(`\n── ${group}`);
  const started = performance.now();
  for (const figure of await measure()) console.log(figureLine(figure));
  console.log(`   in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
