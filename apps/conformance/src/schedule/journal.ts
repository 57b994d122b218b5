import { appendFileSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaseResult } from "@slipway/conformance";
import { usageError } from "../usage-error.ts";

/** What has to be the same for results of two runs to belong together. */
export interface RunIdentity {
  readonly corpusDigest: string;
  /** Id, version and image of each builder that there is. */
  readonly builders: readonly string[];
  readonly probe: boolean;
}

interface Head extends RunIdentity {
  readonly date: string;
  /** When the part under way began. */
  readonly partDate: string;
  readonly earlierMs: number;
}

/** The results of a run in a file, one line of JSON each, written as they come: a run that was cut off can go on. */
export interface Journal {
  /** When the run began: ISO 8601. */
  readonly date: string;
  /** How long earlier parts of the run took, up to their last results. */
  readonly earlierMs: number;
  /** Those that tell of a builder, of earlier parts of the run. */
  readonly earlier: readonly CaseResult[];
  append(results: readonly CaseResult[]): void;
}

const FILE = "results.jsonl";

/** Starts a new file, or goes on with the one there is. Throws a usage error for one of another run. */
export async function openJournal(
  folder: string,
  identity: RunIdentity,
  options: { readonly resume: boolean; readonly now: Date },
): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, FILE);
  const found = options.resume ? await readJournal(file, identity) : undefined;
  const partDate = options.now.toISOString();
  const { date = partDate, earlierMs = 0 } = found ?? {};
  const earlier = (found?.results ?? []).filter(({ status }) => status !== "harness-error");
  // Written anew, so that a line that was cut off, and what is to be done again, are gone.
  const lines = [{ ...identity, date, partDate, earlierMs } satisfies Head, ...earlier].map(
    (line) => `${JSON.stringify(line)}\n`,
  );
  await writeFile(file, lines.join(""));
  return {
    date,
    earlierMs,
    earlier,
    append: (results) => appendFileSync(file, results.map((one) => `${JSON.stringify(one)}\n`).join("")),
  };
}

async function readJournal(
  file: string,
  identity: RunIdentity,
): Promise<(Pick<Head, "date" | "earlierMs"> & { readonly results: readonly CaseResult[] }) | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const [head, ...results] = text.split("\n").flatMap(parsedLine) as [Head | undefined, ...CaseResult[]];
  if (head?.date === undefined) return undefined;
  const { date, partDate, earlierMs, ...there } = head;
  if (JSON.stringify(there) !== JSON.stringify(identity))
    throw usageError(
      `${file} is of a run with another corpus, other builders or another mode`,
      "Leave out --resume to start anew",
    );
  // Nobody writes down the end of a part that is cut off: its last result is when the file was written last.
  const { mtimeMs } = await stat(file);
  return { date, earlierMs: earlierMs + Math.round(mtimeMs - Date.parse(partDate)), results };
}

/** The last line may have been cut off. */
function parsedLine(line: string): unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
