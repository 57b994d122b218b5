import { mkdtemp, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bench } from "../bench.ts";
import { expectSame } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { imageOf, partsOf } from "../image-of.ts";

const COPY_ALL = "FROM scratch\nCOPY . /ctx/\n";
const OUTSIDE = "kit: a file of the machine that runs the builder";

/** Builds that do not see each other, nor the machine that runs the builder. */
export const isolationCases: readonly ConformanceCase[] = [
  {
    id: "isolation/concurrent-builds-do-not-mix",
    title: "three builds of one builder at the same time have each their own files and fail each for itself",
    requires: [],
    run: async (bench) => {
      const builder = await bench.builder();
      const names = ["one", "two", "three"];
      const building = names.map((name) =>
        bench.build({
          builder,
          files: {
            Dockerfile: `FROM scratch\nCOPY . /ctx/\nLABEL name=${name}\n`,
            ".dockerignore": "Dockerfile\n.dockerignore\n",
            [name]: name,
          },
        }),
      );
      const failing = bench.attempt({
        builder,
        files: { Dockerfile: "FROM scratch\nCOPY kit-absent-file /\n" },
      });
      const built = await allOf(building);
      const images = await Promise.all(built.map((one) => imageOf(bench, one)));
      const found = images.map((image) => [image.config.config?.Labels?.["name"], ...image.paths("/ctx")]);
      expectSame(
        "label and files of the images",
        found,
        names.map((name) => [name, `/ctx/${name}`]),
      );
      expectSame("code of the fourth build", (await failing).error?.code, "BUILD_FAILED");
    },
  },
  {
    id: "isolation/concurrent-build-args-do-not-mix",
    title: "builds at the same time have each their own build arguments",
    requires: ["build-args"],
    run: async (bench) => {
      const builder = await bench.builder();
      const values = ["one", "two", "three"];
      const building = values.map((value) =>
        bench.build({
          builder,
          files: { Dockerfile: "FROM scratch\nARG VALUE\nCOPY a /\nLABEL value=$VALUE\n", a: "1" },
          request: { buildArgs: { VALUE: value } },
        }),
      );
      const built = await allOf(building);
      const images = await Promise.all(built.map((one) => imageOf(bench, one)));
      expectSame(
        "values",
        images.map(({ config }) => config.config?.Labels?.["value"]),
        values,
      );
    },
  },
  {
    id: "isolation/same-request-twice-succeeds-twice",
    title: "the same request builds again, over what it pushed before",
    requires: [],
    run: async (bench) => {
      const request = { destinations: [bench.destination()] } as const;
      for (const text of ["before", "after"]) {
        const built = await bench.build({
          files: { Dockerfile: "FROM scratch\nCOPY a /\n", a: text },
          request: { destinations: [...request.destinations] },
        });
        expectSame("text of /a", (await imageOf(bench, built)).text("/a"), text);
      }
    },
  },
  {
    id: "isolation/links-do-not-lead-out",
    title: "a link of the context to a file outside of it does not bring that file into the image",
    requires: [],
    run: async (bench) => {
      const built = await bench.build({ files: { Dockerfile: COPY_ALL, a: "1" }, prepare: leadOut });
      await expectNothingFromOutside(bench, built);
    },
  },
  {
    id: "isolation/copied-links-do-not-lead-out",
    title: "COPY of such a link, by its name or through a linked folder, fails or has nothing of the file",
    requires: [],
    run: async (bench) => {
      for (const source of ["leak", "folder/outside.txt"]) {
        const files = { Dockerfile: `FROM scratch\nCOPY a /\nCOPY ${source} /leaked\n`, a: "1" };
        const ended = await bench.attempt({ files, prepare: leadOut });
        if (ended.result !== undefined) await expectNothingFromOutside(bench, ended);
      }
    },
  },
];

/** Throws the first failure once all have settled: nothing goes on behind the case. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** A link to a file beside the context, and one to its folder. */
async function leadOut(context: string): Promise<void> {
  const outside = await mkdtemp(join(dirname(context), "outside-"));
  const file = join(outside, "outside.txt");
  await writeFile(file, OUTSIDE);
  await symlink(file, join(context, "leak"));
  await symlink(outside, join(context, "folder"));
}

async function expectNothingFromOutside(
  bench: Bench,
  built: { readonly destinations: readonly [string, ...string[]] },
): Promise<void> {
  const parts = await partsOf(bench, built);
  expectSame("files of the machine in the image", parts.filter((part) => part.includes(OUTSIDE)).length, 0);
}
