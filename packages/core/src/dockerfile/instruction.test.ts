// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like template strings
import { DockerfileParser } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { parseDockerfile } from "./instruction.ts";

/** Keyword and lines of every instruction, such as "RUN 2-4". */
function outline(source: string): string[] {
  return parseDockerfile(source).instructions.map(
    ({ keyword, startLine, endLine }) => `${keyword} ${startLine}-${endLine}`,
  );
}

describe("parseDockerfile", () => {
  it.each([
    ["a heredoc", "FROM a\nRUN <<EOF\nx\nEOF\nADD b c\n", ["FROM 1-1", "RUN 2-4", "ADD 5-5"]],
    ["<<- with tabs", "FROM a\nRUN <<-EOF\n\tx\n\tEOF\nADD b c\n", ["FROM 1-1", "RUN 2-4", "ADD 5-5"]],
    ["quoted names", `FROM a\nRUN <<'E' <<"F G"\nE\nF G\nADD b c\n`, ["FROM 1-1", "RUN 2-4", "ADD 5-5"]],
    ["a file descriptor", "FROM a\nRUN cat 3<<EOF\nx\nEOF\nADD b c\n", ["FROM 1-1", "RUN 2-4", "ADD 5-5"]],
    [
      "a blank after <<",
      "FROM a\nRUN cat << EOF\nx\nEOF\nRUN cat <<- EOF\n",
      ["FROM 1-1", "RUN 2-4", "RUN 5-5"],
    ],
    ["two heredocs", "FROM a\nCOPY <<A <<B /d/\na\nA\nb\nB\nADD b c", ["FROM 1-1", "COPY 2-6", "ADD 7-7"]],
    ["CRLF", "FROM a\r\nRUN <<EOF\r\nx\r\nEOF\r\nADD b c\r\n", ["FROM 1-1", "RUN 2-4", "ADD 5-5"]],
    ["ONBUILD", "FROM a\nONBUILD RUN <<EOF\nx\nEOF\nADD b c\n", ["FROM 1-1", "ONBUILD 2-4", "ADD 5-5"]],
    [
      "a heredoc after continuations",
      "FROM a\nRUN x && \\\n cat <<E \\\n && y\nb\nE\nADD b c\n",
      ["FROM 1-1", "RUN 2-6", "ADD 7-7"],
    ],
    [
      "comments in continuations",
      "FROM a\nRUN x \\\n# c \\\n\n  # d\n y\nADD b c\n",
      ["FROM 1-1", "RUN 2-6", "ADD 7-7"],
    ],
    ["blanks after the backslash", "FROM a\nRUN x \\  \n y\nADD b c\n", ["FROM 1-1", "RUN 2-3", "ADD 4-4"]],
    ["an escaped backslash", "FROM a\nRUN x \\\\\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    [
      "# escape",
      "# escape=`\nFROM a\nRUN x `\n y\nRUN z\\\nADD b c\n",
      ["FROM 2-2", "RUN 3-4", "RUN 5-5", "ADD 6-6"],
    ],
    ["a late # escape", "# hi\n# escape=`\nFROM a\nRUN x \\\n y\n", ["FROM 3-3", "RUN 4-5"]],
    ["a byte order mark", "\uFEFFFROM a\nADD b c", ["FROM 1-1", "ADD 2-2"]],
    ["the last line continued", "FROM a\nRUN x \\", ["FROM 1-1", "RUN 2-2"]],
    ["a keyword over two lines", "FROM a\nAD\\\nD b c\n", ["FROM 1-1", "ADD 2-3"]],
    // What only looks like a here-document must not hide the instruction after it.
    ["<< in quotes", 'FROM a\nRUN echo "<<EOF"\nADD b c\n', ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    ["<< glued to a word", "FROM a\nRUN cat<<EOF\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    ["<<<", "FROM a\nRUN cat <<<EOF\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    ["<< escaped", "FROM a\nRUN echo \\<<EOF\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    [
      "<< in the JSON form",
      'FROM a\nRUN ["cat", "x <<EOF y"]\nADD b c\n',
      ["FROM 1-1", "RUN 2-2", "ADD 3-3"],
    ],
    [
      "<< in ENV, LABEL, CMD",
      "FROM a\nENV x <<E\nLABEL x <<E\nCMD cat <<E\n",
      ["FROM 1-1", "ENV 2-2", "LABEL 3-3", "CMD 4-4"],
    ],
    ["shifts", "FROM a\nRUN echo $((1<<2))\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    ["an unbalanced quote", "FROM a\nRUN echo it's <<EOF\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    ["a bad substitution", "FROM a\nRUN x=${a:0:1} cat <<EOF\nADD b c\n", ["FROM 1-1", "RUN 2-2", "ADD 3-3"]],
    ["a comment that ends in a backslash", "FROM a\n# x \\\nADD b c\n", ["FROM 1-1", "ADD 3-3"]],
  ])("finds the instructions: %s", (_, source, expected) => {
    expect(outline(source)).toEqual(expected);
  });

  it.each([
    [
      "--link --from=x a b",
      [
        ["link", undefined],
        ["from", "x"],
      ],
      "a b",
    ],
    [`--mount="type=tmpfs,target=/y" c`, [["mount", "type=tmpfs,target=/y"]], "c"],
    ["--mo\\unt=type=b\\ind c", [["mount", "type=bind"]], "c"],
    ["--network=none -- --x", [["network", "none"]], "--x"],
    ["a --link", [], "a --link"],
    ["-x", [], "-x"],
    ["--", [], ""],
    ["", [], ""],
  ])("splits the flags of RUN %s", (args, flags, rest) => {
    const instruction = parseDockerfile(`FROM a\nRUN ${args}\n`).instructions[1];
    expect(instruction?.flags.map(({ name, value }) => [name, value])).toEqual(flags);
    expect(instruction?.args).toBe(rest);
  });

  it("takes escapes in flags by the directive", () => {
    const [, instruction] = parseDockerfile("# escape=`\nFROM a\nRUN --mount=ty`pe=b\\x c\n").instructions;
    expect(instruction?.flags).toEqual([{ name: "mount", value: "type=b\\x" }]);
  });

  it.each([
    ["FROM a\nRUN <<EOF\nx\n", /Line 2 .*<<EOF never ends/],
    ["FROM a\nRUN <<EOF\nx\nEOF \n", /Line 2 .*never ends/],
    ["# escape=x\nFROM a\n", /Line 1 .*"x" cannot be the escape/],
    ["# escape=`\n# escape=`\nFROM a\n", /Line 2 .*twice/],
    [`FROM a\nRUN ${"x".repeat(65_536)}\n`, /Line 2 .*65535/],
  ])("refuses %j", (source, message) => {
    expect(() => parseDockerfile(source)).toThrow(message);
  });

  // A second opinion: on ordinary Dockerfiles an independent parser sees the same.
  it.each([
    "FROM a AS b\nARG x=1\nRUN --mount=type=cache,target=/x \\\n  # why\n  y && z\nCOPY --from=b --chown=1:2 /a /b\n",
    "# escape=`\nFROM a\nRUN x `\n  y\nHEALTHCHECK --interval=3s CMD x\n",
    'FROM a\nRUN <<-EOF\n\tx\n\tEOF\nADD --link b c\n\nONBUILD COPY a b\nCMD ["a", "b"]\n',
  ])("agrees with dockerfile-ast on %j", (source) => {
    const theirs = DockerfileParser.parse(source).getInstructions();
    expect(outline(source)).toEqual(
      theirs.map(
        (other) =>
          `${other.getKeyword()} ${other.getRange().start.line + 1}-${other.getRange().end.line + 1}`,
      ),
    );
  });
});
