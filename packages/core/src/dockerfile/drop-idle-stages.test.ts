import { describe, expect, it } from "vitest";
import { dropIdleStages } from "./drop-idle-stages.ts";

describe("dropIdleStages", () => {
  it("leaves name, number and lines of a stage that nothing needs, and nothing else of it", () => {
    const source = [
      "ARG V=1",
      "FROM a:$V AS Unused",
      "RUN <<EOF",
      "exit 1",
      "EOF",
      "ONBUILD RUN x \\",
      "  y",
      "# comment",
      "FROM b",
      "RUN c",
      "FROM d\r",
      "COPY --from=1 e f\r",
      "",
    ];
    expect(dropIdleStages(source.join("\n")).split("\n")).toEqual([
      "ARG V=1",
      "FROM scratch AS unused",
      "",
      "",
      "",
      "",
      "",
      "# comment",
      ...source.slice(8),
    ]);
  });

  it("empties what comes after the target as well", () => {
    expect(dropIdleStages("FROM a AS x\nRUN b\nFROM x\nRUN c\n", { target: "x" })).toBe(
      "FROM a AS x\nRUN b\nFROM scratch\n\n",
    );
  });

  it("changes nothing where every stage is needed", () => {
    const source = "FROM a AS x\nRUN b\nFROM x\nRUN <<E\nc\nE\n";
    expect(dropIdleStages(source)).toBe(source);
  });
});
