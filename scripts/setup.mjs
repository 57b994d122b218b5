// Makes the workspace ready: pnpm of the pinned version and the packages of the lock file. Quick when nothing changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Runs an installer with our terminal; its own words are the explanation when it fails. */
function install(what, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status === 0) return;
  console.error(
    `${what} could not be installed${error ? `: ${error.message}` : "; the reason stands above"}.`,
  );
  process.exit(1);
}

const stampFile = join(root, "node_modules", ".slipway-setup");

/** The folder with pnpm of the pinned version, installed into a cache folder of ours if need be. */
function pnpmFolder() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = packageManager.split("@")[1];
  const home = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "slipway", `pnpm-${version}`);
  const folder = join(home, "node_modules", ".bin");
  if (!existsSync(join(folder, "pnpm"))) {
    console.log(`Installing pnpm ${version} …`);
    mkdirSync(home, { recursive: true });
    const quiet = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    install(`pnpm ${version}`, "npm", ["install", "--prefix", home, ...quiet, `pnpm@${version}`]);
  }
  return folder;
}

function wantedStamp() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
    hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Puts pnpm on our PATH, where turbo looks for it, and installs the packages of the lock file unless that was done for this one. */
export function setup() {
  process.env.PATH = `${pnpmFolder()}${delimiter}${process.env.PATH}`;
  const wanted = wantedStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  console.log("Installing packages …");
  install("The packages of the lock file", "pnpm", [
    "install",
    "--frozen-lockfile",
    "--reporter=append-only",
  ]);
  writeFileSync(stampFile, wanted);
}

if (process.argv[1] === import.meta.filename) setup();
