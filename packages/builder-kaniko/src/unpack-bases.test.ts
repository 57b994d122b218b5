import { describe, expect, it } from "vitest";
import { unpackBases } from "./unpack-bases.ts";

const NOTHING = "COPY slipway-copies-nothing-[0] /";

describe("unpackBases", () => {
  it("copies nothing in each stage that makes folders and does nothing else with files", () => {
    expect(unpackBases("FROM a \\\n  AS b\nUSER c\nWORKDIR /d\nFROM b\nVOLUME /e\nCMD f\n")).toBe(
      `FROM a \\\n  AS b\n${NOTHING}\nUSER c\nWORKDIR /d\nFROM b\n${NOTHING}\nVOLUME /e\nCMD f\n`,
    );
  });

  it.each([
    "FROM a\nENV b=c\nCMD d\n",
    "FROM a\nWORKDIR /b\nRUN c\n",
    "FROM a\nCOPY b c\nWORKDIR /b\n",
    "FROM scratch\nWORKDIR /b\n",
    "ARG WORKDIR=/a\nFROM a\nONBUILD WORKDIR /b\n",
  ])("leaves %j alone", (dockerfile) => {
    expect(unpackBases(dockerfile)).toBe(dockerfile);
  });
});
