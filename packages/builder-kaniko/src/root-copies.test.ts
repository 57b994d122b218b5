import { describe, expect, it } from "vitest";
import { assertNoRootCopied } from "./root-copies.ts";

const OLD = { major: 1, minor: 24, patch: 0 };

describe("a COPY of the root of a stage", () => {
  it.each([
    "COPY --from=b / /",
    "COPY --from=0 /. /x/",
    'COPY --from=B --chown=1 ["a", "./", "/"]',
    "COPY --from=b /* /",
  ])("is refused with its line and a cure: %s", (copy) => {
    expect(() => assertNoRootCopied(`FROM a AS b\nFROM scratch\n${copy}\n`, OLD)).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_FEATURE",
        details: { line: 3 },
        remedy: expect.any(String),
      }),
    );
  });

  it.each(["COPY --from=b /a /", "COPY . /", "COPY --from=image:1 / /", "COPY --from=b /a/* /"])(
    "is none: %s",
    (copy) => {
      expect(() => assertNoRootCopied(`FROM a AS b\nFROM scratch\n${copy}\n`, OLD)).not.toThrow();
    },
  );

  it("is left to newer versions", () => {
    const check = () => assertNoRootCopied("FROM a\nFROM b\nCOPY --from=0 / /\n", { ...OLD, minor: 28 });
    expect(check).not.toThrow();
  });
});
