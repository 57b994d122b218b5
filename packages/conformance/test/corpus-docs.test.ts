import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { caseSchema } from "../src/corpus/case-schema.ts";
import { GROUPS } from "../src/corpus/corpus-case.ts";
import { fieldsAt } from "../src/corpus/schema-fields.ts";

const PAGE = join(import.meta.dirname, "../../../docs/corpus.md");

describe("docs/corpus.md", () => {
  it.each<[title: string, path: readonly string[]]>([
    ["## Fields of `case.yaml`", []],
    ["`build`:", ["build"]],
    ["`recipe`, in this order", ["recipe", "0"]],
    ["`entries` of a `tar`", ["recipe", "0", "entries", "0"]],
    ["`files`:", ["expect", "files", "/path"]],
    ["`run`:", ["expect", "run"]],
  ])("explains the fields under %s, and no others", async (title, path) => {
    expect((await fieldsOfTable(title)).sort()).toEqual([...fieldsAt(caseSchema, path)].sort());
  });

  it("explains the fields of an expectation, of a failure and of an image", async () => {
    const tables = ["`expect` of a build that must fail", "`expect` of one that must not"];
    const fields = (await Promise.all(tables.map(fieldsOfTable))).flat();
    expect(fields.sort()).toEqual([...fieldsAt(caseSchema, ["expect"])].sort());
  });

  it("lists the groups as the constant has them (UPDATE_GOLDEN=1 rewrites it)", async () => {
    const page = await readFile(PAGE, "utf8");
    const rows = Object.entries(GROUPS).map(([name, about]) => `| \`${name}\` | ${about} |`);
    const table = `${["| group | what its cases are about |", "|---|---|", ...rows].join("\n")}\n`;
    const wanted = page.replace(/(?<=\n## Groups\n\n)[\s\S]*$/, table);
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(PAGE, wanted);
    expect(await readFile(PAGE, "utf8")).toBe(wanted);
  });
});

/** The names in the first column of the table that follows a title. */
async function fieldsOfTable(title: string): Promise<string[]> {
  const page = await readFile(PAGE, "utf8");
  const [, after = ""] = page.split(title);
  const table = after.slice(after.indexOf("\n|")).split("\n\n")[0] ?? "";
  return [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = ""]) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = ""]) => name),
  );
}
