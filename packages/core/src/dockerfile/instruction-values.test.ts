// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like template strings
import { expect, it } from "vitest";
import { instructionValues } from "./instruction-values.ts";

it.each<[source: string, values: (string | undefined)[]]>([
  ["FROM a\nARG p=80\nEXPOSE $p 81/udp", ["80", "81/udp"]],
  ["FROM a\nARG p=80\nEXPOSE $p", ["90"]],
  ["FROM a\nEXPOSE $q", [undefined]],
  ['FROM a\nENV d=/x\nVOLUME ["$d/a b", "/c"]', ["/x/a b", "/c"]],
  ["ARG i=a:${p}\nFROM $i", ["a:"]],
])("replaces the variables in the last instruction of %j", (source, values) => {
  const buildArgs = values.includes("90") ? { p: "90" } : {};
  expect(instructionValues(source, { buildArgs }).at(-1)?.values).toEqual(values);
});
