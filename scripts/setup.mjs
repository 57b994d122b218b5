// Makes the workspace ready: pnpm of the pinned version and the packages of the lock file. Quick when nothing changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

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

/** The command line that runs pnpm of the pinned version, installed into a cache folder of ours if need be. */
export function pnpmCommand() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = packageManager.split("@")[1];
  const home = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "slipway", `pnpm-${version}`);
  const program = join(home, "node_modules", "pnpm", "bin", "pnpm.cjs");
  if (!existsSync(program)) {
    console.log(`Installing pnpm ${version} …`);
    mkdirSync(home, { recursive: true });
    const args = [
      "install",
      "--prefix",
      home,
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `pnpm@${version}`,
    ];
    install(`pnpm ${version}`, "npm", args);
  }
  return [process.execPath, program];
}

function wantedStamp() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
    hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Installs the packages of the lock file, unless that was done for this very lock file. */
export function setup() {
  const wanted = wantedStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  const [node, ...program] = pnpmCommand();
  console.log("Installing packages …");
  install("The packages of the lock file", node, [
    ...program,
    "install",
    "--frozen-lockfile",
    "--reporter=append-only",
  ]);
  writeFileSync(stampFile, wanted);
}

if (process.argv[1] === import.meta.filename) setup();
