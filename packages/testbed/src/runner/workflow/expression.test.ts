import { describe, expect, it } from "vitest";
import { evaluate, interpolate } from "./expression.ts";

const scope = {
  contexts: { env: { A: "x y" }, job: { services: { web: { ports: { "80": "8080" } } } }, steps: {} },
  functions: {
    success: () => true,
    failure: () => false,
    hashFiles: (...args: readonly unknown[]) => args.join("+"),
  },
};

describe("evaluate", () => {
  it.each([
    ["env.A", "x y"],
    ["job.services.web.ports['80']", "8080"],
    ["steps.none.outputs.x", null],
    ["hashFiles('a', 'it''s')", "a+it's"],
    ["success() && env.A == 'x y'", true],
    ["!success() || failure()", false],
    ["(failure() || success()) && 'yes' || 'no'", "yes"],
    ["env.A != 'x y'", false],
  ])("%s", (text, value) => {
    expect(evaluate(text, scope)).toBe(value);
  });

  it.each(["nobody.knows", "env.A +", "unknown()", "success("])("refuses %s", (text) => {
    expect(() => evaluate(text, scope)).toThrow("Not understood");
  });

  it("fills in text, and leaves what is not there empty", () => {
    const place = (text: string): string => `$\{{ ${text} }}`;
    expect(interpolate(`a ${place("env.A")} b ${place("env.none")}`, scope)).toBe("a x y b ");
  });
});
