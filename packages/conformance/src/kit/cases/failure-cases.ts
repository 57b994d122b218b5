import { expectSame, expectThat } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { expectFailure } from "../expect-failure.ts";

/** Errors: their code, that they can be used by people, and that nothing is pushed. */
export const failureCases: readonly ConformanceCase[] = [
  {
    id: "failure/failed-step-is-BUILD_FAILED",
    title: "a RUN that exits with 7 fails the build with BUILD_FAILED, and the message has the 7",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const { error, record } = await expectFailure(
        bench,
        { files: { Dockerfile: `FROM ${bench.base}\nRUN echo "kit line"; exit 7\nRUN echo "kit after"\n` } },
        ["BUILD_FAILED"],
      );
      expectThat(/\b7\b/.test(error.message), "a message with the exit code 7", error.message);
      const after = record.lines.filter((line) => /^\S*kit after/.test(line));
      expectSame("lines of steps after the one that failed", after, []);
    },
  },
  {
    id: "failure/missing-file-is-BUILD_FAILED",
    title:
      "COPY of a file that is not there fails the build with BUILD_FAILED, and the message names the file",
    requires: [],
    run: async (bench) => {
      const files = { Dockerfile: "FROM scratch\nCOPY kit-absent-file /\n", a: "1" };
      const { error } = await expectFailure(bench, { files }, ["BUILD_FAILED"]);
      expectThat(error.message.includes("kit-absent-file"), "a message with the file", error.message);
    },
  },
  {
    id: "failure/ignored-file-is-BUILD_FAILED",
    title: "COPY of a file that .dockerignore leaves out fails the build with BUILD_FAILED",
    requires: [],
    run: async (bench) => {
      const files = { Dockerfile: "FROM scratch\nCOPY a b /\n", ".dockerignore": "b\n", a: "1", b: "2" };
      await expectFailure(bench, { files }, ["BUILD_FAILED"]);
    },
  },
  {
    id: "failure/unknown-base-is-BASE_IMAGE_UNAVAILABLE",
    title:
      "FROM an image that does not exist fails with BASE_IMAGE_UNAVAILABLE, and the message names the image",
    requires: [],
    run: async (bench) => {
      const name = bench.destination("none");
      const { error } = await expectFailure(
        bench,
        { files: { Dockerfile: `FROM ${name}\nCOPY a /\n`, a: "1" }, privateBase: true },
        ["BASE_IMAGE_UNAVAILABLE"],
      );
      const repository = name.split("/").at(-1)?.split(":")[0] ?? name;
      expectThat(error.message.includes(repository), `a message that names ${name}`, error.message);
    },
  },
  {
    id: "failure/of-the-last-instruction-pushes-nothing",
    title: "a build that fails at its last instruction has pushed to none of its destinations",
    requires: [],
    run: async (bench) => {
      const destinations = [bench.destination(), bench.destination()] as const;
      const Dockerfile = "FROM scratch AS one\nCOPY a /\nFROM one\nCOPY a /again\nCOPY kit-absent-file /\n";
      await expectFailure(
        bench,
        { files: { Dockerfile, a: "1" }, request: { destinations: [...destinations] } },
        ["BUILD_FAILED"],
      );
    },
  },
];
