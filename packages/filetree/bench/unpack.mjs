// The receiver's half of bench/throughput.mjs: one process that unpacks its standard input into a folder.
import { unpackTree } from "../src/index.ts";

await unpackTree(process.stdin, process.argv[2]);
process.stderr.write(`${process.resourceUsage().maxRSS}\n`);
