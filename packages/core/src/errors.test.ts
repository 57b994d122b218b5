import { describe, expect, it } from "vitest";
import { BuildError, ERROR_CODES, type ErrorCode, isBuildError, toBuildError } from "./errors.ts";

describe("BuildError", () => {
  it("carries code, remedy, details and cause, and what the code implies", () => {
    const cause = new Error("below");
    const error = new BuildError("POD_LOST", "The pod was evicted", {
      remedy: "Ask for memory",
      details: { node: "n1" },
      cause,
    });
    expect(error).toMatchObject({
      blame: "infrastructure",
      retryable: true,
      remedy: "Ask for memory",
      cause,
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "BuildError",
      code: "POD_LOST",
      blame: "infrastructure",
      retryable: true,
      message: "The pod was evicted",
      remedy: "Ask for memory",
      details: { node: "n1" },
    });
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])(
    "retries %s only when the infrastructure is to blame",
    (code) => {
      const { blame, retryable } = new BuildError(code, "x");
      expect(retryable).toBe(blame === "infrastructure");
    },
  );
});

describe("isBuildError", () => {
  it("knows the error of another copy of this package", () => {
    const foreign = Object.defineProperty(new Error("x"), Symbol.for("@slipway/core:BuildError"), {
      value: true,
    });
    expect([foreign, new BuildError("INTERNAL", "x")].map(isBuildError)).toEqual([true, true]);
  });

  it.each([[new Error("x")], [null], [undefined], ["BuildError"], [{ name: "BuildError" }]])(
    "is false for %s",
    (value) => {
      expect(isBuildError(value)).toBe(false);
    },
  );
});

describe("toBuildError", () => {
  it("keeps a BuildError, and calls everything else a defect", () => {
    const error = new BuildError("CANCELLED", "x");
    expect(toBuildError(error)).toBe(error);
    const cause = new TypeError("boom");
    expect(toBuildError(cause)).toMatchObject({ code: "INTERNAL", message: "boom", cause });
    expect(toBuildError("text")).toMatchObject({ code: "INTERNAL", message: "text", cause: "text" });
  });
});
