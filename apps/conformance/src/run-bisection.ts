import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CorpusCase, runCase } from "@slipway/conformance";
import type { Testbed } from "@slipway/testbed";
import { bisectCase } from "./bisect/bisect-case.ts";
import { openBed } from "./conformance-bed.ts";
import { EXIT } from "./exit-code.ts";
import type { ConformanceOptions } from "./options.ts";

export interface BisectionRun {
  readonly item: CorpusCase;
  readonly options: ConformanceOptions;
  readonly testbed: Testbed;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Names the first instruction of a case after which two builders differ; returns the exit code. Leaves nothing in the cluster. */
export async function runBisection(run: BisectionRun): Promise<number> {
  const { item, options, signal, print } = run;
  const bed = await openBed(run.testbed, options);
  try {
    const [reference, other] = bed.targets;
    if (reference === undefined || other === undefined) throw new Error("a bisection needs two builders");
    const targets = new Map([reference, other].map((target) => [target.id, target]));
    const found = await bisectCase({
      item,
      dockerfile: await readFile(join(item.folder, "Dockerfile"), "utf8"),
      builders: [reference.id, other.id],
      run: (prefix, builder) =>
        runCase(prefix, targets.get(builder) ?? other, bed.host, {
          signal,
          limitMs: options.limitSeconds * 1000,
        }),
      compare: bed.inspector.compare,
      onStep: ({ line, instruction }, { length }) =>
        print(`line ${line}: ${length === 0 ? "alike" : `${length} differences`}  ${instruction}`),
    });
    if (found === undefined) {
      print(`${other.id} does as ${reference.id} after every instruction of ${item.id}`);
      return EXIT.asExpected;
    }
    print(
      `${other.id} differs from ${reference.id} from line ${found.prefix.line} on: ${found.prefix.instruction}`,
    );
    for (const { id, expected, actual } of found.differences)
      print(`  ${id}: ${reference.id} ${expected}, ${other.id} ${actual}`);
    return EXIT.unexpected;
  } finally {
    await bed.close();
  }
}
