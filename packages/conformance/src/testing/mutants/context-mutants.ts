import { chmod, cp, mkdtemp, readdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { all, type Mutant, wrapped } from "./mutant.ts";

/** Builders that do something else with the files of the context. */
export const contextMutants: readonly Mutant[] = [
  {
    name: "ignores-dockerignore",
    make: () =>
      changes(async (folder) => Promise.all((await ignoreFiles(folder)).map((file) => truncate(file)))),
    caughtBy: all(
      "fail",
      "build/respects-dockerignore",
      "build/prefers-the-dockerfiles-own-dockerignore",
      "build/builder-is-reusable",
      "failure/ignored-file-is-BUILD_FAILED",
      "isolation/concurrent-builds-do-not-mix",
    ),
  },
  {
    name: "knows-one-dockerignore",
    make: () =>
      changes(async (folder) => {
        const own = (await ignoreFiles(folder)).filter((file) => !file.endsWith("/.dockerignore"));
        await Promise.all(own.map((file) => rm(file)));
      }),
    caughtBy: all("fail", "build/prefers-the-dockerfiles-own-dockerignore"),
  },
  {
    name: "drops-modes",
    make: () =>
      changes(async (folder) => {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        for (const entry of entries.filter((one) => one.isFile() || one.isDirectory()))
          await chmod(join(entry.parentPath, entry.name), entry.isFile() ? 0o644 : 0o755);
      }),
    caughtBy: all("fail", "build/keeps-modes"),
  },
  {
    name: "follows-links",
    make: () => changes(async () => {}, { dereference: true }),
    caughtBy: {
      ...all("crash", "build/keeps-symlinks"),
      ...all("fail", "isolation/links-do-not-lead-out", "isolation/copied-links-do-not-lead-out"),
    },
  },
  {
    name: "drops-links",
    make: () =>
      changes(async (folder) => {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        const links = entries.filter((entry) => entry.isSymbolicLink());
        await Promise.all(links.map((entry) => rm(join(entry.parentPath, entry.name))));
      }),
    caughtBy: all("fail", "build/keeps-symlinks"),
  },
  {
    name: "normalises-names",
    make: () =>
      changes(async (folder) => {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        for (const { parentPath, name } of entries.filter(({ name }) => name !== name.normalize()))
          await rename(join(parentPath, name), join(parentPath, name.normalize()));
      }),
    caughtBy: all("fail", "build/keeps-unicode-names"),
  },
  {
    name: "cuts-large-files",
    make: () =>
      changes(async (folder) => {
        if ((await readdir(folder)).includes("big")) await truncate(join(folder, "big"), 16 << 20);
      }),
    caughtBy: all("fail", "build/takes-a-large-context"),
  },
  {
    name: "litters-the-context",
    make: () =>
      wrapped((builder) => ({
        build: async (request, session) => {
          const built = await builder.build(request, session);
          await writeFile(join(request.context.path, "build.log"), "");
          return built;
        },
      })),
    caughtBy: all("fail", "build/leaves-the-context-alone"),
  },
  {
    name: "keeps-files-of-the-build-before",
    make: () =>
      wrapped((builder, { workDir }) => {
        const kept = mkdtemp(join(workDir, "../outside-kept-"));
        // One after the other, so that it is the files alone that mix.
        let before: Promise<unknown> = kept;
        return {
          build: (request, session) => {
            const building = before.then(async () => {
              const path = await kept;
              await cp(request.context.path, path, { recursive: true, verbatimSymlinks: true });
              return builder.build({ ...request, context: { kind: "directory", path } }, session);
            });
            before = building.catch(() => {});
            return building;
          },
        };
      }),
    caughtBy: all("fail", "build/builder-is-reusable", "isolation/concurrent-builds-do-not-mix"),
  },
];

/** Builds a copy of the context in which something was changed. */
function changes(change: (folder: string) => Promise<unknown>, { dereference = false } = {}) {
  return wrapped((builder, { workDir }) => ({
    build: async (request, session) => {
      const copy = await mkdtemp(join(workDir, "copy-"));
      try {
        const { path } = request.context;
        await cp(path, copy, { recursive: true, dereference, verbatimSymlinks: !dereference });
        await change(copy);
        return await builder.build({ ...request, context: { kind: "directory", path: copy } }, session);
      } finally {
        await rm(copy, { recursive: true, force: true });
      }
    },
  }));
}

async function ignoreFiles(folder: string): Promise<readonly string[]> {
  return (await readdir(folder))
    .filter((name) => name.endsWith(".dockerignore"))
    .map((name) => join(folder, name));
}
