import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { TailLines } from "./tail-lines.ts";

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

describe("TailLines", () => {
  it("keeps the last 200 lines", () => {
    const tail = new TailLines(() => false);
    for (const line of numbered(0, 1000)) tail.add(Buffer.from(line));
    expect(tail.lines).toEqual(numbered(800, 1000));
  });

  it("keeps the last 50 notable lines before them, each once and in order", () => {
    const tail = new TailLines((line) => line.endsWith("7"));
    for (const line of numbered(0, 1000)) tail.add(Buffer.from(line));
    const before = numbered(500, 800).filter((line) => line.endsWith("7"));
    expect(tail.lines).toEqual([...before, ...numbered(800, 1000)]);
  });

  it("does not hold on to long lines", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const tail = new TailLines(() => false);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 100; count += 1) tail.add(Buffer.alloc(1024 * 1024, "x"));
    collect();
    expect(tail.lines.at(-1)).toHaveLength(2000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  });
});
