import { describe, expect, it } from "vitest";
import { jsonLine, readJsonLines } from "./json-lines.ts";
import { checkedReport } from "./supervisor-messages.ts";

async function* pieces(text: string, size: number): AsyncGenerator<Buffer, void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function valuesOf(text: string, size: number, maxBytes = 1000): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of readJsonLines(pieces(text, size), maxBytes)) values.push(value);
  return values;
}

describe("lines of JSON", () => {
  const values = [{ a: "grüße\n😀" }, [1], ""];
  const text = values.map(jsonLine).join("");

  it.each([1, 2, 3, 7, 1000])("arrive in pieces of %d bytes", async (size) => {
    expect(await valuesOf(text, size)).toEqual(values);
  });

  it.each([
    ["too long", `"${"x".repeat(100)}"\n`],
    ["too long and without an end", `"${"x".repeat(200)}`],
    ["no JSON", "{\n"],
  ])("are refused when %s", async (_what, line) => {
    for (const size of [1, 1000]) {
      await expect(valuesOf(line, size, 100)).rejects.toMatchObject({ code: "INTERNAL" });
    }
  });
});

describe("a report of the job container", () => {
  it.each([
    [{ kind: "here", facts: { isAlpine: true, uid: 0, gid: 4294967295 } }],
    [{ kind: "exit", id: "a", exit: { exitCode: 255 } }],
    [
      {
        kind: "exit",
        id: "a",
        exit: { exitCode: 1, failure: { code: "INTERNAL", message: "m", remedy: "r" } },
      },
    ],
  ])("%j is believed", (report) => {
    expect(checkedReport(report)).toEqual(report);
  });

  it.each([
    [null],
    ["exit"],
    [{ kind: "start" }],
    [{ kind: "here", facts: { isAlpine: "no", uid: 0, gid: 0 } }],
    [{ kind: "here", facts: { isAlpine: true, uid: -1, gid: 0 } }],
    [{ kind: "exit", id: 1, exit: { exitCode: 0 } }],
    [{ kind: "exit", id: "a", exit: { exitCode: "0" } }],
    [{ kind: "exit", id: "a", exit: { exitCode: 256 } }],
    [{ kind: "exit", id: "a" }],
  ])("%j is not", (report) => {
    expect(checkedReport(report)).toBeUndefined();
  });

  it("brings no workflow command along", () => {
    const failure = { code: "ODD", message: "a\n::set-output name=x::y" };
    expect(checkedReport({ kind: "exit", id: "a", exit: { exitCode: 1, failure } })).toEqual({
      kind: "exit",
      id: "a",
      exit: { exitCode: 1, failure: { code: "INTERNAL", message: "a ::set-output name=x::y" } },
    });
  });
});
