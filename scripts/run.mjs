// What the scripts of package.json do, bootstrapping what they need: node scripts/run.mjs build|demo|test|bench|conformance|check|testbed [args…]
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setup } from "./setup.mjs";

const root = join(import.meta.dirname, "..");
const bin = (name) => join(root, "node_modules", ".bin", name);

/** Runs a program with our terminal; returns its exit code. */
function run(program, args, env = {}) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (error) console.error(`${program}: ${error.message}`);
  return status ?? (signal ? 128 : 1);
}

const source = (file, ...args) =>
  run(process.execPath, ["--conditions=slipway-source", "--import", "tsx", file, ...args]);
const turbo = (...tasks) =>
  run(bin("turbo"), ["run", ...tasks, "--output-logs=errors-only", "--no-update-notifier"], {
    TURBO_TELEMETRY_DISABLED: "1",
  });
const testbed = (...args) => source("packages/testbed/src/main.ts", ...args);

/** Runs steps until one fails; that one's exit code is ours. */
function inOrder(...steps) {
  for (const step of steps) {
    const code = step();
    if (code !== 0) return code;
  }
  return 0;
}

/** Options of conformance that build nothing. */
const CLUSTERLESS = ["--help", "-h", "--list", "--merge", "--publish"];

const commands = {
  build: () => turbo("build"),
  check: () =>
    inOrder(
      () => run(bin("biome"), ["ci"]),
      () => turbo("build", "typecheck"),
    ),
  demo: (args) =>
    inOrder(
      () => turbo("build"),
      () => testbed("up"),
      () => source("apps/demo/src/main.ts", ...args),
    ),
  bench: (args) =>
    inOrder(
      () => turbo("build"),
      () => testbed("up"),
      () => source("apps/bench/src/main.ts", ...args),
    ),
  conformance: (args) =>
    inOrder(
      ...(CLUSTERLESS.some((option) => args.includes(option))
        ? []
        : [() => turbo("build"), () => testbed("up")]),
      () => source("apps/conformance/src/main.ts", ...args),
    ),
  test: (args) => run(process.execPath, [join(import.meta.dirname, "test.mjs"), ...args]),
  testbed: (args) => testbed(...args),
};

const [name = "", ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) {
  console.error(`Unknown command "${name}". Known: ${Object.keys(commands).join(", ")}`);
  process.exit(2);
}
setup();
process.exit(commands[name](args));
