import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import { openBuildFence } from "./build-fence.ts";

async function printed(...texts: string[]): Promise<string[]> {
  const stream = new PassThrough();
  const fence = await openBuildFence(new StepOutput(stream), "Building Dockerfile");
  for (const text of texts) await fence.print(text);
  await fence.close();
  await fence.close();
  return String(stream.read()).split("\n");
}

describe("openBuildFence", () => {
  it("stops commands until its own word comes", async () => {
    const [group, stop, line, end, endGroup, rest] = await printed("hello");
    expect([group, line, endGroup, rest]).toEqual([
      "::group::Building Dockerfile",
      "hello",
      "::endgroup::",
      "",
    ]);
    expect(stop).toMatch(/^::stop-commands::[0-9a-f]{64}$/);
    expect(end).toBe(`::${stop?.slice("::stop-commands::".length)}::`);
  });

  it("uses another word every time", async () => {
    expect((await printed("x"))[1]).not.toBe((await printed("x"))[1]);
  });

  it("keeps the order of what is printed without waiting", async () => {
    const stream = new PassThrough();
    const fence = await openBuildFence(new StepOutput(stream), "Building Dockerfile");
    await Promise.all([fence.print("a\rb"), fence.print("c")]);
    expect(String(stream.read()).split("\n").slice(2, -1)).toEqual(["a", "b", "c"]);
  });

  it("has a title of one line, whatever a folder is called", async () => {
    const stream = new PassThrough();
    await openBuildFence(new StepOutput(stream), "Building a%0A::error::b/Dockerfile");
    expect(String(stream.read())).toMatch(/^::group::Building a%250A::error::b\/Dockerfile\n/);
  });

  it.each([
    ["a lone carriage return", "a\r::set-output name=x::y", ["a", "::set-output name=x::y"]],
    ["a carriage return and newline", "a\r\nb", ["a", "b"]],
    ["control characters", "a\u0000b\u0007c\u001b]0;title\u0007d", ["abc]0;titled"]],
    ["control characters of one byte more", "\u0085::add-mask::e\u009b2J", ["::add-mask::e2J"]],
    ["colours and tabs, which stay", "\u001b[31mred\u001b[0m\tx", ["\u001b[31mred\u001b[0m\tx"]],
    ["an escape that hides the line", "a\u001b[2Kb\u001b[1A", ["a[2Kb[1A"]],
  ])("prints %s as lines", async (_, text, lines) => {
    expect((await printed(text)).slice(2, -3)).toEqual(lines);
  });
});

describe("inertLine", () => {
  it.each(["::add-mask::e", "  ::add-mask::e", "\u0085::add-mask::e", "\n::add-mask::e", "a ##[error]b"])(
    "makes %j a line that the runner only shows",
    (text) => {
      // As the runner looks for commands: after blanks, U+0085 among them, and anywhere in the line.
      const line = inertLine(text).replace(/^[\s\u0085]+/, "");
      expect(line.startsWith("::")).toBe(false);
      expect(line).not.toContain("##[");
    },
  );
});

describe("StepOutput", () => {
  it("passes the bytes of a step through untouched", async () => {
    const stream = new PassThrough();
    const output = new StepOutput(stream);
    await output.bytes(Buffer.from([0xff, 0x00, 0x0d, 0x1b]), true);
    await output.bytes(Buffer.from("no newline"), false);
    await output.line("ours");
    expect(stream.read()).toEqual(
      Buffer.concat([Buffer.from([0xff, 0x00, 0x0d, 0x1b, 0x0a]), Buffer.from("no newline\nours\n")]),
    );
  });

  it("goes on when nobody reads any more", async () => {
    const stream = new PassThrough();
    const output = new StepOutput(stream);
    stream.destroy(new Error("EPIPE"));
    await output.line("lost");
    await output.flush();
    expect(stream.destroyed).toBe(true);
  });
});
