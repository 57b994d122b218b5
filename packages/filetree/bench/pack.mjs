// The sender's half of bench/throughput.mjs: one process that packs a folder to its standard output.
import { once } from "node:events";
import { packTree } from "../src/index.ts";

for await (const chunk of packTree([{ from: process.argv[2], to: "" }])) {
  if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
}
process.stderr.write(`${process.resourceUsage().maxRSS}\n`);
