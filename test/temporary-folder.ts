// Gives a run of tests a temporary folder of its own, of which nothing stays, whatever a test or a process that it killed left there.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "slipway-tests-"));

export function setup(): void {
  // As /tmp is: some tests have programs of other users.
  chmodSync(folder, 0o1777);
  process.env["TMPDIR"] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
