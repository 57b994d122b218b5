// npm run conformance: the corpus through every builder on the test bed. `--help` tells the options, and the exit codes.
import { EXIT } from "./exit-code.ts";
import { parseOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { isUsageError } from "./usage-error.ts";

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.error(`\n${signal}: stopping, and removing what is in the cluster; once more ends at once`);
    stopping.abort();
  });
}

let prepared = false;
try {
  const args = process.argv.slice(2);
  const carryOut = await prepare(parseOptions(args), {
    arguments: args,
    signal: stopping.signal,
    terminal: { write: (text) => process.stdout.write(text), isTerminal: process.stdout.isTTY === true },
  });
  prepared = true;
  process.exitCode = await carryOut();
} catch (error) {
  process.exitCode = !prepared && isUsageError(error) ? EXIT.usage : EXIT.harness;
  const message = error instanceof Error ? error.message : String(error);
  const remedy = (error as { readonly remedy?: unknown } | undefined)?.remedy;
  console.error(`${message}${typeof remedy === "string" ? `\n${remedy}` : ""}`);
}
