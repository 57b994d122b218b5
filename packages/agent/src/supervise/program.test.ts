import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Program } from "./program.ts";

/** A cgroup's folder whose counter the program raises itself. */
function cgroup(): string {
  const folder = mkdtempSync(join(tmpdir(), "cgroup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "memory"));
  return folder;
}

const VERSIONS = {
  2: { counter: "memory.events", text: "low 0\\noom 1\\noom_kill 1\\noom_group_kill 0", limit: "memory.max" },
  1: {
    counter: "memory/memory.oom_control",
    text: "oom_kill_disable 0\\nunder_oom 0\\noom_kill 1",
    limit: "memory/memory.limit_in_bytes",
  },
};

async function ended(script: string, folder: string) {
  const command = {
    entryPoint: "sh",
    args: ["-c", script],
    workingDirectory: folder,
    environment: {},
    prependPath: [],
  };
  return await new Program(command, { environment: {}, cgroup: folder }).ended;
}

it.each([
  [2, "268435456", "kill -KILL $$", 137, /memory, which is 256 MiB$/],
  [1, "268435456", "kill -KILL $$", 137, /memory, which is 256 MiB$/],
  [2, "max", "exit 2", 2, /memory$/],
  [1, "9223372036854771712", "exit 2", 2, /memory$/],
] as const)(
  "a kill for memory is told (cgroup %d, limit %s, %s)",
  async (version, limit, end, exitCode, message) => {
    const files = VERSIONS[version];
    const script = `printf '${files.text}\\n' > ${files.counter}; echo ${limit} > ${files.limit}; ${end}`;
    expect(await ended(script, cgroup())).toEqual({
      exitCode,
      failure: {
        code: "RESOURCE_EXHAUSTED",
        message: expect.stringMatching(message),
        remedy: expect.stringContaining("$job"),
      },
    });
  },
);

it.each([
  ["nobody was killed", "kill -KILL $$", 137],
  ["the step is green all the same", "printf 'oom_kill 1\\n' > memory.events", 0],
])("a kill for memory is not told when %s", async (_when, script, exitCode) => {
  expect(await ended(script, cgroup())).toEqual({ exitCode });
});
