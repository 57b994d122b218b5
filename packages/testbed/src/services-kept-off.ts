import { readFile, rm, writeFile } from "node:fs/promises";

/** Asked by Debian's packages before they start a service (invoke-rc.d(8)). */
export const POLICY_FILE = "/usr/sbin/policy-rc.d";
const MARK = "# Slipway's test bed wants the programs of a package, not its services.";
/** 101: not allowed. */
const POLICY = `#!/bin/sh\n${MARK}\nexit 101\n`;

/** Installs packages without starting their services. A policy that is there already is the machine's, and stays as it is. */
export async function withServicesKeptOff<T>(policyFile: string, work: () => Promise<T>): Promise<T> {
  const found = await readFile(policyFile, "utf8").catch(() => undefined);
  // One of ours was left by a process that was killed.
  if (found !== undefined && !found.includes(MARK)) return work();
  await writeFile(policyFile, POLICY, { mode: 0o755 });
  try {
    return await work();
  } finally {
    await rm(policyFile, { force: true });
  }
}
