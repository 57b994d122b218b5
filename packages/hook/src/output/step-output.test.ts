import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import { StepOutput } from "./step-output.ts";

let stream: PassThrough;
let output: StepOutput;

beforeEach(() => {
  stream = new PassThrough();
  output = new StepOutput(stream);
});

function printed(): string {
  return String(stream.read() ?? "");
}

describe("output of a step", () => {
  it("is printed as it is", async () => {
    const bytes = Buffer.from([0xff, 0x0d, 0x0a, 0x00, 0x1b]);
    await output.raw(bytes);
    expect(stream.read()).toEqual(bytes);
  });

  it("keeps its last line without a newline, and ours starts a new one", async () => {
    await output.raw(Buffer.from("open"));
    await output.line("ours");
    expect(printed()).toBe("open\nours\n");
  });

  it("is cut by no line of ours in the middle of its own", async () => {
    await output.raw(Buffer.from("begin "));
    await output.between("ours");
    await output.raw(Buffer.from("::error::middle "));
    await output.raw(Buffer.from("end\nnext\n"));
    expect(printed()).toBe("begin ::error::middle end\nours\nnext\n");
  });

  it.each([
    ["at once where no line is open", "a\n", "a\nours\n"],
    ["before the process ends", "a", "a\nours\n"],
  ])("lets a line of ours through %s", async (_, text, whole) => {
    await output.raw(Buffer.from(text));
    await output.between("ours");
    await output.flush();
    expect(printed()).toBe(whole);
  });
});
