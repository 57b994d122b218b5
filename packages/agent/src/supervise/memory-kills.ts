import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "@slipway/core";

/** The memory files of a container's own cgroup: version 2, then version 1 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst). */
const COUNTERS = ["memory.events", "memory/memory.oom_control"];
const LIMITS = ["memory.max", "memory/memory.limit_in_bytes"];
/** Version 1 writes "no limit" as a number near 2^63. */
const MOST_LIMITS = 2 ** 60;

/** How many processes of this container the kernel has killed for their memory; 0 where it does not tell. */
export function memoryKills(cgroup = "/sys/fs/cgroup"): number {
  return Number(/^oom_kill (\d+)$/m.exec(firstOf(cgroup, COUNTERS))?.[1] ?? 0);
}

export function memoryKillError(cgroup = "/sys/fs/cgroup"): BuildError {
  const limit = Number.parseInt(firstOf(cgroup, LIMITS), 10);
  const of = limit < MOST_LIMITS ? `, which is ${Math.round(limit / 2 ** 20)} MiB` : "";
  return new BuildError(
    "RESOURCE_EXHAUSTED",
    `The kernel killed a process of this step, because the job container had used up its memory${of}`,
    { remedy: "Raise resources.limits.memory of the container $job in the hook's template, or use less" },
  );
}

function firstOf(folder: string, files: readonly string[]): string {
  for (const file of files) {
    try {
      return readFileSync(join(folder, file), "utf8");
    } catch {
      // The other version.
    }
  }
  return "";
}
