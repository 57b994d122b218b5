import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * `hashFiles()`: the runner computes it on its own disk, not in the job container (actions/runner, HashFilesFunction). "" when nothing matches.
 */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const wanted = patterns.map(patternOf);
  const files = readdirSync(workspace, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(workspace, join(entry.parentPath, entry.name)))
    .filter((path) => wanted.some((pattern) => pattern.test(path)))
    .sort();
  if (files.length === 0) return "";
  const all = createHash("sha256");
  for (const file of files)
    all.update(
      createHash("sha256")
        .update(readFileSync(join(workspace, file)))
        .digest(),
    );
  return all.digest("hex");
}

function patternOf(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    return token === "?" ? "[^/]" : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
