// slipway-conformance: the kit for builder authors. `--help` tells the options, and the exit codes.
import { KIT_EXIT } from "./kit/command/kit-report.ts";
import { type KitArguments, parseArguments, USAGE } from "./kit/command/parse-arguments.ts";
import { listKit, prepareKit } from "./kit/command/run-kit.ts";
import { kitSettings } from "./kit/settings.ts";

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    console.error(`${signal}: stopping, and removing what was made; once more ends at once`);
    stopping.abort();
  });

async function prepare(args: KitArguments): Promise<() => Promise<number>> {
  if (args.action === "help") return async () => print([USAGE]);
  if (args.action === "list") return async () => print(await listKit());
  return prepareKit(args, {
    settings: kitSettings(),
    folder: process.cwd(),
    print: (line) => console.log(line),
    signal: stopping.signal,
  });
}

function print(lines: readonly string[]): number {
  console.log(lines.join("\n"));
  return KIT_EXIT.expected;
}

let prepared = false;
let ended = false;
// A builder that ends the process must not end it as if all were well.
process.once("exit", () => {
  if (ended) return;
  console.error(
    "The process was ended from within, by the builder or what it loads: nothing is known of the other cases",
  );
  process.exitCode = KIT_EXIT.harness;
});
try {
  const carryOut = await prepare(parseArguments(process.argv.slice(2)));
  prepared = true;
  process.exitCode = await carryOut();
} catch (error) {
  const { message, remedy } = error as { readonly message?: string; readonly remedy?: string };
  console.error(`${message ?? String(error)}${remedy === undefined ? "" : `\n${remedy}`}`);
  process.exitCode = prepared ? KIT_EXIT.harness : KIT_EXIT.usage;
}
ended = true;
// What a builder has left running must not keep it alive.
process.exit();
