import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { USAGE } from "../src/options.ts";
import { docsTables } from "../src/report/docs-tables.ts";
import { withBlock } from "../src/report/marked-block.ts";

const page = join(import.meta.dirname, "../../../docs/conformance.md");

it("docs/conformance.md says what the constants say (UPDATE_GOLDEN=1 rewrites it)", async () => {
  const text = await readFile(page, "utf8");
  const wanted = Object.entries(docsTables()).reduce(
    (made, [name, table]) => withBlock(made, name, table),
    text,
  );
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(page, wanted);
  expect(await readFile(page, "utf8")).toBe(wanted);
});

it("docs/conformance.md names every option", async () => {
  const text = await readFile(page, "utf8");
  const options = Array.from(USAGE.matchAll(/--[a-z][a-z-]+/g), ([option]) => option);
  expect(options.filter((option) => !text.includes(option))).toEqual([]);
});
