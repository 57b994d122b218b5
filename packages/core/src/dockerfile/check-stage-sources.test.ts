import { describe, expect, it } from "vitest";
import { inspectDockerfile } from "./inspect-dockerfile.ts";

describe("what stages are made from", () => {
  it.each([
    ["FROM a\nFROM b\nCOPY --from=2 c d\n", 3, /no stage 2/, /from 0 to 1/],
    ["FROM a AS me\nCOPY --from=ME c d\n", 2, /COPY takes from stage ME, which is its own/, /another stage/],
    ["FROM a\nCOPY --from=0 c d\n", 2, /stage 0, which is its own/, /another stage/],
    ["FROM a AS me\nRUN --mount=from=me,target=/m c\n", 2, /RUN takes from stage me/, /another stage/],
    ["FROM a\nARG V=x\nCOPY --from=$V c d\n", 3, /variables are not replaced/, /FROM \$V AS NAME/],
    ["FROM Busybox\n", 1, /"Busybox" is not legal/, /Write /],
    ["FROM a\nCOPY --from=r/A:1 b c\n", 2, /"r\/A:1" is not legal/, /Write /],
    ["FROM scratch\nFROM $V\n", 2, /names no image/, /default/],
  ])("is refused with line and cure: %j", (source, line, cause, cure) => {
    const inspect = () => inspectDockerfile(source);
    expect(inspect).toThrow(cause);
    expect(inspect).toThrow(
      expect.objectContaining({ remedy: expect.stringMatching(cure), details: { line } }),
    );
  });

  it.each([
    "FROM Busybox AS unused\nCOPY --from=$V c d\nFROM a\n",
    "FROM a AS b\nONBUILD COPY --from=b c d\nONBUILD COPY --from=9 c d\nFROM b\n",
    "FROM a AS b\nFROM b AS b\nCOPY --from=0 c d\n",
    "FROM scratch AS c\nFROM a\nCOPY --from=C d e\nRUN --mount=from=scratch,target=/m f\n",
    "FROM a@sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
  ])("passes where Docker takes it: %j", (source) => {
    expect(inspectDockerfile(source).stages.length).toBeGreaterThan(0);
  });

  it("needs nothing for a stage that is not built", () => {
    const source = [
      "FROM a AS dev",
      "RUN --mount=type=ssh b",
      "COPY ../c d",
      "FROM a AS last",
      "RUN --network=none b",
      "",
    ].join("\n");
    expect(inspectDockerfile(source)).toMatchObject({
      needs: [{ feature: "run-network", line: 5 }],
      outsideSources: [],
    });
    expect(inspectDockerfile(source, { target: "dev" })).toMatchObject({
      needs: [{ feature: "run-mount-ssh", line: 2 }],
      outsideSources: [{ source: "../c", line: 3 }],
    });
  });
});
