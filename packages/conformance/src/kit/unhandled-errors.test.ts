import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

/** In a process of its own: an error that nobody handles would end the test's. */
function told(script: string): string {
  const module = JSON.stringify(join(import.meta.dirname, "unhandled-errors.ts"));
  const text = `import { UnhandledErrors } from ${module};
    const errors = new UnhandledErrors();
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    ${script}`;
  const node = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", text];
  return execFileSync(process.execPath, node, { encoding: "utf8" }).trim();
}

it("tells of an error for the case that it comes from, whichever case runs meanwhile", () => {
  const script = `
    const lose = async (ms, name) => { await later(ms); Promise.reject(name); await later(50); };
    await Promise.all([
      errors.during("a", () => lose(30, "of a")),
      errors.during("b", async () => { setTimeout(() => { throw "of b"; }, 10); await later(80); }),
      errors.during("c", () => later(80)),
    ]);
    console.log(errors.take("c"), errors.take("b"), errors.take("a"), errors.take("a"), errors.late().size);`;
  expect(told(script)).toBe("undefined of b of a undefined 0");
});

it("tells of what comes late, and of what is nobody's for the last case", () => {
  const script = `
    await errors.during("a", async () => { setTimeout(() => { throw "late"; }, 10); });
    errors.take("a");
    await errors.during("b", () => later(20));
    errors.take("b");
    Promise.reject("stray");
    await later(5);
    console.log(JSON.stringify([...errors.late()].sort()));`;
  expect(told(script)).toBe('[["a","late"],["b","stray"]]');
});
