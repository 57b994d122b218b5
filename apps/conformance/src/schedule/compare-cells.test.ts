import { describe, expect, it } from "vitest";
import { differing, madeUpResult } from "../testing/made-up.ts";
import { compareCells } from "./compare-cells.ts";

const model = madeUpResult("a", "dind", "pass", { image: "r/dind@sha256:1" });
const other = madeUpResult("a", "kaniko", "pass", { image: "r/kaniko@sha256:2" });

describe("compareCells", () => {
  it("tells in what an image is not like that of the reference", async () => {
    const asked: string[][] = [];
    const compare = async (...names: string[]) => {
      asked.push(names);
      return differing("mode:/a").differences;
    };
    expect(await compareCells([model, other], "dind", { compare })).toEqual([
      model,
      { ...other, parity: { with: "dind", ...differing("mode:/a") } },
    ]);
    expect(asked).toEqual([[model.image, other.image]]);
  });

  it("does not tell a second time what the case tells", async () => {
    const known = { ...other, ...differing("mode:/a") };
    const compare = async () => differing("mode:/a", "owner:/a").differences;
    const [, compared] = await compareCells([model, known], "dind", { compare });
    expect(compared?.parity?.differences.map(({ id }) => id)).toEqual(["owner:/a"]);
  });

  it("compares how both ended when they were run", async () => {
    const ran = (output: string) => ({ run: { exitCode: 0, output } });
    const results = [
      { ...model, ...ran("1") },
      { ...other, ...ran("2") },
    ];
    const [, compared] = await compareCells(results, "dind", { compare: async () => [] });
    expect(compared?.parity?.differences.map(({ id }) => id)).toEqual(["run:stdout"]);
  });

  it("compares nothing where one of them has no image, or one that is malformed", async () => {
    const compare = () => Promise.reject(new Error("not to be asked"));
    const failed = madeUpResult("a", "kaniko", "fail");
    const malformed = { ...other, status: "differs" as const, ...differing("malformed:diff-id:layers[0]") };
    expect(await compareCells([model, failed], "dind", { compare })).toEqual([model, failed]);
    expect(await compareCells([model, malformed], "dind", { compare })).toEqual([model, malformed]);
    expect(await compareCells([failed], "dind", { compare })).toEqual([failed]);
  });

  it("knows nothing of a builder whose image it could not read", async () => {
    const compare = () => Promise.reject(new Error("ECONNREFUSED"));
    const [, compared] = await compareCells([model, other], "dind", { compare });
    expect(compared).toMatchObject({
      status: "harness-error",
      reason: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
