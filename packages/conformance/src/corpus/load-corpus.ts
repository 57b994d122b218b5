import { type Dirent, existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { assertContext } from "./context-sources.ts";
import { type CorpusCase, GROUPS } from "./corpus-case.ts";
import { corpusDefect } from "./corpus-defect.ts";
import { parseCase } from "./parse-case.ts";

/** The corpus of this package. */
export const CORPUS_FOLDER = join(import.meta.dirname, "../../corpus");

/** Reads every case, in order of group and id. Throws INVALID_CONFIG for the first defect, with file and cure. */
export async function loadCorpus(folder: string = CORPUS_FOLDER): Promise<readonly CorpusCase[]> {
  const cases: CorpusCase[] = [];
  for (const { group, id } of await listCases(folder)) cases.push(await loadCase(folder, group, id));
  return cases;
}

/** The names of all cases, in order, without a look into them. Throws INVALID_CONFIG for an id that is there twice. */
export async function listCases(
  folder: string = CORPUS_FOLDER,
): Promise<readonly { readonly group: string; readonly id: string }[]> {
  const cases: { group: string; id: string }[] = [];
  for (const group of await foldersIn(folder, ".")) {
    if (!Object.hasOwn(GROUPS, group)) {
      throw corpusDefect(group, "is not a group", `Use one of ${Object.keys(GROUPS).join(", ")}`);
    }
    for (const id of await foldersIn(folder, group)) {
      const other = cases.find((one) => one.id === id);
      if (other !== undefined) {
        throw corpusDefect(
          `${group}/${id}`,
          `${other.group} has a case ${id} already`,
          "Give one of them another id",
        );
      }
      cases.push({ group, id });
    }
  }
  return cases;
}

/** Reads one case. Throws INVALID_CONFIG that names file, field and cure. */
export async function loadCase(corpus: string, group: string, id: string): Promise<CorpusCase> {
  const folder = join(corpus, group, id);
  const file = `${group}/${id}/case.yaml`;
  const facts = parseCase(await textOf(join(folder, "case.yaml"), file), file);
  if (facts.id !== id || facts.group !== group) {
    throw corpusDefect(
      file,
      `id and group are ${facts.group}/${facts.id}, but the folder is ${group}/${id}`,
      "Name the folder as the case, in the folder of its group",
    );
  }
  const loaded: CorpusCase = { ...facts, folder };
  const name = `${group}/${id}/Dockerfile`;
  await assertContext(loaded, await textOf(join(folder, "Dockerfile"), name), await contextOf(loaded));
  return loaded;
}

/** The files of the folder `context`, by their paths in it. */
async function contextOf({ folder, group, id }: CorpusCase): Promise<readonly string[]> {
  const root = join(folder, "context");
  if (!existsSync(root)) return [];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd !== undefined) {
    throw corpusDefect(
      `${group}/${id}/context/${odd.name}`,
      "is neither a file nor a folder, which not every git and no npm package keeps",
      "Write it into `recipe` of case.yaml",
    );
  }
  return entries.map((entry) => pathIn(root, entry));
}

function pathIn(root: string, { parentPath, name }: Dirent): string {
  return join(parentPath, name).slice(root.length + 1);
}

async function foldersIn(corpus: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(corpus, folder), { withFileTypes: true });
  return (
    entries
      // What begins with _ is no case: it is what cases need, such as the files that a server offers to them.
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
      .map(({ name }) => name)
      .sort()
  );
}

async function textOf(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw corpusDefect(file, "cannot be read", "A case has the files Dockerfile and case.yaml", error);
  }
}
