// npm test: checks, unit and protocol tests, then the tests on the real cluster. Arguments go to vitest as filters.
// The last line counts everything that ran; --no-cluster leaves the test bed out and says so.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name) => join(root, "node_modules", ".bin", name);
const filters = process.argv.slice(2).filter((arg) => arg !== "--no-cluster");
const withCluster = !process.argv.includes("--no-cluster");
const totals = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told once more at the end: a log of thousands of lines buries it. */
const failures = [];

function run(title, program, args) {
  console.log(`\n── ${title}`);
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  return status === 0;
}

/** One check without a count of its own counts as one test. */
function check(title, program, args) {
  const ok = run(title, program, args);
  totals[ok ? "passed" : "failed"] += 1;
  if (!ok) failures.push(title);
  return ok;
}

function vitest(project) {
  const report = join(root, "test-results", `${project}.json`);
  mkdirSync(join(root, "test-results"), { recursive: true });
  rmSync(report, { force: true });
  const args = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...filters,
  ];
  const ok = run(`${project} tests`, bin("vitest"), args);
  const before = totals.failed;
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    totals.skipped += numPendingTests + numTodoTests;
    for (const file of testResults) failures.push(...failuresIn(file));
  } catch (error) {
    console.error(`No report of the ${project} tests: ${error.message}`);
  }
  // A file that does not load, or an unhandled error, fails the run without failing a test.
  if (!ok && totals.failed === before) {
    totals.failed += 1;
    failures.push(`${project} tests: an error outside of a test, or a file that does not load`);
  }
}

function failuresIn({ name, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter(({ status }) => status === "failed");
  if (failed.length === 0) return message === "" ? [] : [`${file}: ${message}`];
  return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${failureMessages.join("\n")}`);
}

if (filters.length === 0) check("lint and format", bin("biome"), ["ci", "--max-diagnostics=50"]);
const built = check("build and types", bin("turbo"), [
  "run",
  "build",
  "typecheck",
  "--output-logs=errors-only",
]);
vitest("unit");
if (withCluster && built) {
  const up = ["--conditions=slipway-source", "--import", "tsx", "packages/testbed/src/main.ts", "up"];
  if (check("test bed", process.execPath, up)) vitest("cluster");
} else {
  console.log(`\nThe tests on the cluster did not run: ${built ? "--no-cluster" : "the build failed"}.`);
}
if (failures.length > 0) console.log(`\n── failed\n${failures.join("\n\n")}`);
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""}`,
);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
