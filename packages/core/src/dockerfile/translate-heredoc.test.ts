import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inspectDockerfile } from "./inspect-dockerfile.ts";
import { parseDockerfile } from "./instruction.ts";
import { translateDockerfile } from "./translate-heredoc.ts";

const missing = ["run-heredoc"] as const;

/** Translates `FROM x`, RUN and the rest, and really runs what RUN became. */
function outputOf(run: string, env: NodeJS.ProcessEnv = {}): string {
  const { text, translated } = translateDockerfile(`FROM x\n${run}`, missing);
  expect(translated).toEqual(missing);
  const last = parseDockerfile(text).instructions.at(-1);
  const [command = "", ...args] = (last?.trigger ?? last)?.json ?? [];
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8", input: "from stdin\n", env });
  return stdout + stderr;
}

describe("translateDockerfile", () => {
  it.each([
    ["commands one after the other", "RUN <<EOF\necho a\necho b\nEOF\n", "a\nb\n"],
    ["variables of the body", 'RUN <<EOF\nx=1\necho "[$x]" $(echo y)\nEOF\n', "[1] y\n"],
    ["variables of the build", "RUN <<EOF\necho $FROM_ENV\nEOF\n", "e\n"],
    ["a quoted name", "RUN <<'EOF'\necho \"$FROM_ENV\" 'it'\\''s'\nEOF\n", "e it's\n"],
    [
      "backslashes and backquotes",
      "RUN <<EOF\nprintf '%s\\n' \"a\\\\b\" `echo c` \\\n  d\nEOF\n",
      "a\\b\nc\nd\n",
    ],
    ["tabs with <<-", "RUN <<-EOF\n\t\techo a\n\tEOF\n", "a\n"],
    ["tabs without", "RUN <<EOF\necho 'a\n\tb'\nEOF\n", "a\n\tb\n"],
    ["a body that reads", 'RUN <<EOF\nread x\necho "$x"\nEOF\n', "from stdin\n"],
    ["a command with a heredoc", "RUN cat <<EOF\n$FROM_ENV\nEOF\n", "e\n"],
    ["a command with a quoted heredoc", "RUN cat <<'EOF'\n$FROM_ENV\nEOF\n", "$FROM_ENV\n"],
    ["a command with <<-", "RUN cat <<-EOF | tr a b\n\ta\n\tEOF\n", "b\n"],
    ["two heredocs", "RUN cat <<A && cat <<B\n1\nA\n2\nB\n", "1\n2\n"],
    ["a SHELL", 'SHELL ["/bin/sh", "-ec"]\nRUN <<EOF\necho a\nfalse\necho b\nEOF\n', "a\n"],
    ["text that is not ASCII", 'RUN <<EOF\necho "ü €\u2028"\nEOF\n', "ü €\u2028\n"],
    ["an empty body", "RUN <<EOF\nEOF\n", ""],
    ["an interpreter", 'RUN <<EOF\n#!/usr/bin/awk -f\nBEGIN { print "a$b\\t`c`" }\nEOF\n', "a$b\t`c`\n"],
    [
      "an interpreter by env",
      'RUN <<-EOF\n#! /usr/bin/env sh\n\techo "it\'s $FROM_ENV"; read x; echo $x\nEOF\n',
      "it's e\nfrom stdin\n",
    ],
    [
      "an interpreter after a SHELL",
      'SHELL ["/bin/false"]\nRUN <<EOF\n#!/bin/sh -e\nfalse\necho a\nEOF\n',
      "",
    ],
    ["a trigger", "ONBUILD RUN <<EOF\nx=1\necho $x\nEOF\n", "1\n"],
  ])("keeps the meaning: %s", (_, run, output) => {
    expect(outputOf(run, { FROM_ENV: "e", PATH: "/usr/bin:/bin" })).toBe(output);
  });

  it("keeps flags, line numbers, line ends and everything else", () => {
    const before =
      "FROM x\r\nRUN --mount=type=cache,target=/c \\\r\n  <<EOF\r\na\r\nEOF\r\n# c\r\nCOPY a b\r\n";
    const { text } = translateDockerfile(before, missing);
    expect(text).toBe(
      'FROM x\r\nRUN --mount=type=cache,target=/c ["/bin/sh","-c","a\\r\\n"]\r\n\r\n\r\n\r\n# c\r\nCOPY a b\r\n',
    );
    expect(parseDockerfile(text).instructions.at(-1)?.startLine).toBe(
      parseDockerfile(before).instructions.at(-1)?.startLine,
    );
    expect(inspectDockerfile(text).needs.map(({ feature }) => feature)).toEqual(["run-mount-cache"]);
  });

  it("uses the SHELL of the stage that a stage is made from, or of the base image", () => {
    const source =
      'FROM x AS a\nSHELL ["/bin/ash", "-c"]\nFROM A AS b\nRUN <<E\nE\nFROM y\nRUN <<E\nE\nFROM z\nRUN <<E\nE\n';
    const { text } = translateDockerfile(source, missing, {
      shellOf: (image) => (image === "y" ? ["/bin/bash", "-c"] : undefined),
    });
    const shells = parseDockerfile(text).instructions.flatMap(({ keyword, json }) =>
      keyword === "RUN" ? [json?.[0]] : [],
    );
    expect(shells).toEqual(["/bin/ash", "/bin/bash", "/bin/sh"]);
  });

  it.each([
    ["a script that names no interpreter", "RUN <<EOF\n#!\nEOF\n"],
    ["a body too long for a line", `RUN <<EOF\n${"x\n".repeat(33_000)}EOF\n`],
  ])("leaves %s as it is", (_, run) => {
    const source = `FROM x\n${run}`;
    expect(translateDockerfile(source, missing)).toEqual({ text: source, translated: [] });
  });

  it("gives a trigger the SHELL that its stage ends with", () => {
    const source = 'FROM x\nONBUILD RUN <<E\nE\nSHELL ["/bin/ash", "-c"]\nFROM y\nONBUILD RUN <<E\nE\n';
    const { instructions } = parseDockerfile(translateDockerfile(source, missing).text);
    expect(instructions.flatMap(({ trigger }) => trigger?.json?.[0] ?? [])).toEqual(["/bin/ash", "/bin/sh"]);
  });

  it("leaves no file behind and keeps the exit code of an interpreter", () => {
    const { text } = translateDockerfile('FROM x\nRUN <<EOF\n#!/bin/sh\necho "$0"\nexit 3\nEOF\n', missing);
    const [command = "", ...args] = parseDockerfile(text).instructions.at(-1)?.json ?? [];
    const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
    expect(status).toBe(3);
    expect(stdout).toMatch(/^\/dev\/shm\/EOF\.\d+\n$/);
    expect(existsSync(stdout.trim())).toBe(false);
  });

  it("translates a command whose heredoc begins with #!", () => {
    expect(outputOf("RUN cat <<EOF\n#!x\nEOF\n", { PATH: "/usr/bin:/bin" })).toBe("#!x\n");
  });

  it("touches nothing that nobody misses", () => {
    const source = "FROM x\nRUN <<EOF\nEOF\nCOPY <<E /x\nE\n";
    expect(translateDockerfile(source, ["copy-heredoc"])).toEqual({ text: source, translated: [] });
    expect(translateDockerfile("FROM x\n", missing)).toEqual({ text: "FROM x\n", translated: [] });
  });
});
