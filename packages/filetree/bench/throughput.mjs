// Packs and unpacks through a pipe, beside `tar c | tar x` of the same files.
// node --experimental-strip-types is not in Node 20: bench/throughput.mjs bundles both halves first.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

const work = mkdtempSync(join(tmpdir(), "filetree-bench-"));
const ROUNDS = 3;

function halves() {
  const options = {
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["slipway-source"],
  };
  for (const half of ["pack", "unpack"]) {
    buildSync({
      ...options,
      entryPoints: [join(import.meta.dirname, `${half}.mjs`)],
      outfile: join(work, `${half}.mjs`),
    });
  }
}

function makeLarge(folder) {
  mkdirSync(folder);
  const block = Buffer.alloc(1 << 20, "0123456789abcdef");
  for (let index = 0; index < 1024; index += 1) writeFileSync(join(folder, "large"), block, { flag: "a" });
  return 1 << 30;
}

function makeSmall(folder) {
  const content = Buffer.alloc(4096, "x");
  for (let index = 0; index < 20_000; index += 1) {
    const parent = join(folder, `d${index % 200}`);
    if (index < 200) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `f${index}`), content);
  }
  return 20_000 * 4096;
}

async function pipe(sender, receiver) {
  const from = spawn(sender[0], sender.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const to = spawn(receiver[0], receiver.slice(1), { stdio: [from.stdout, "ignore", "pipe"] });
  from.stdout.destroy();
  const texts = [from, to].map(async ({ stderr }) => (await stderr.toArray()).join(""));
  const codes = await Promise.all([from, to].map(async (child) => (await once(child, "exit"))[0]));
  const said = await Promise.all(texts);
  if (codes.some((code) => code !== 0)) throw new Error(`exit codes ${codes}: ${said}`);
  return said.map((text) => Math.round(Number(text.trim()) / 1024));
}

async function measure(from, bytes, sender, receiver) {
  const target = join(work, "target");
  let best = Number.POSITIVE_INFINITY;
  let memory = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    const start = performance.now();
    memory = await pipe(sender(from), receiver(target));
    best = Math.min(best, performance.now() - start);
  }
  if (spawnSync("diff", ["-r", from, target]).status !== 0) throw new Error(`${from} came out different`);
  rmSync(target, { recursive: true, force: true });
  return { megabytesPerSecond: bytes / 1e6 / (best / 1000), memory };
}

try {
  halves();
  for (const [name, make] of [
    ["1 GiB in one file", makeLarge],
    ["20,000 files of 4 KiB", makeSmall],
  ]) {
    const from = join(work, "source");
    const bytes = make(from);
    const tar = await measure(
      from,
      bytes,
      (folder) => ["tar", "c", "-C", folder, "."],
      (folder) => ["tar", "x", "-C", folder],
    );
    const ours = await measure(
      from,
      bytes,
      (folder) => [process.execPath, join(work, "pack.mjs"), folder],
      (folder) => [process.execPath, join(work, "unpack.mjs"), folder],
    );
    const ratio = ours.megabytesPerSecond / tar.megabytesPerSecond;
    const figures = [tar, ours].map((each) => `${each.megabytesPerSecond.toFixed(0)} MB/s`);
    process.stdout.write(
      `${name}: tar ${figures[0]}, ours ${figures[1]}, ratio ${ratio.toFixed(2)}, RSS ${ours.memory.join("+")} MB\n`,
    );
    rmSync(from, { recursive: true });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
