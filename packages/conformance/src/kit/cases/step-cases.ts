import { expectSame, expectThat } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { imageOf } from "../image-of.ts";

/** RUN. Paths in its commands are relative to WORKDIR. */
export const stepCases: readonly ConformanceCase[] = [
  {
    id: "build/runs-steps",
    title:
      "RUN sees the files, the folder and the variables of the instructions before it, and its files are in the image",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const built = await bench.build({
        files: {
          Dockerfile: [
            `FROM ${bench.base}`,
            "WORKDIR /work",
            "COPY given ./",
            "ENV GREETING=hello",
            'RUN printf "%s %s" "$GREETING" "$(cat given)" > made',
            'RUN ["/bin/sh", "-c", "cat made > again"]',
          ].join("\n"),
          given: "world",
        },
      });
      const image = await imageOf(bench, built);
      expectSame("text of /work/again", image.text("/work/again"), "hello world");
    },
  },
  {
    id: "output/streams-lines-in-order",
    title: "lines that a step prints are log events, all of them, in their order",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const { record } = await bench.build({
        files: {
          Dockerfile: `FROM ${bench.base}\nRUN i=0; while [ $i -lt 300 ]; do echo "kit line $i."; i=$((i+1)); done\n`,
        },
      });
      expectSame(
        "numbers of the lines",
        numbersIn(record.lines),
        Array.from({ length: 300 }, (_, i) => i),
      );
    },
  },
  {
    id: "output/has-standard-error",
    title: "what a step prints to its standard error is a log event, too",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const { record } = await bench.build({
        files: { Dockerfile: `FROM ${bench.base}\nRUN echo "kit line 1." >&2; echo "kit line 2."\n` },
      });
      // The two are different pipes: their order is nobody's promise.
      expectSame("numbers of the lines", numbersIn(record.lines).sort(), [1, 2]);
    },
  },
  {
    id: "output/survives-odd-bytes",
    title:
      "invalid UTF-8, a line of a mebibyte and an end without a newline harm neither the build nor the lines after them",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const { record } = await bench.build({
        files: {
          Dockerfile: [
            `FROM ${bench.base}`,
            "RUN printf '\\377\\376\\000\\033[31m\\n'",
            "RUN head -c 1048576 /dev/zero | tr '\\0' x; echo",
            'RUN echo "kit line 1."; printf "kit line 2."',
            'RUN echo "kit line 3."',
          ].join("\n"),
        },
      });
      // What has no newline at its end may be continued by the next step.
      const printed = record.lines.filter((line) => !line.includes("echo"));
      const numbers = [...printed.join("\n").matchAll(/kit line (\d)\./g)].map(([, number]) => number);
      expectSame("numbers of the lines", numbers, ["1", "2", "3"]);
    },
  },
  {
    id: "output/blanks-secrets",
    title: "a line is one event, so that a secret in it is blanked out whole",
    requires: ["build-args"],
    needs: ["shell-base"],
    run: async (bench) => {
      const secret = "kit-secret-9f8e7d6c5b4a39281706";
      const { record } = await bench.build({
        files: {
          Dockerfile: `FROM ${bench.base}\nARG TOKEN\nRUN printf 'kit line 1. %s' "$TOKEN"; echo " and the rest"\n`,
        },
        request: { buildArgs: { TOKEN: secret } },
        secrets: [secret],
      });
      const printed = record.lines.filter(
        (line) => /^(?:.*\s)?kit line 1\. /.test(line) && !line.includes("printf"),
      );
      expectThat(
        printed.some((line) => line.endsWith("kit line 1. *** and the rest")),
        'the line "kit line 1. *** and the rest"',
        printed,
      );
      expectThat(!record.lines.join("").includes(secret), "no secret in the output", record.lines.slice(-5));
    },
  },
];

/** Lines may have a prefix, such as a step's number or a time; an echo of the instruction is none of them. */
function numbersIn(lines: readonly string[]): number[] {
  return lines.flatMap((line) => {
    const number = /(?:^|[^"'])kit line (\d+)\.\s*$/.exec(line)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}
