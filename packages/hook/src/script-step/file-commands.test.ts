import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openFileCommands } from "./file-commands.ts";

let work: string;
let folder: string;

beforeEach(() => {
  work = join(realpathSync(mkdtempSync(join(tmpdir(), "slipway-"))), "_work");
  folder = join(work, "_temp/_runner_file_commands");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "set_output_1"), "", { mode: 0o644 });
  writeFileSync(join(work, "mine"), "", { mode: 0o600 });
});

const modeOf = (path: string) => statSync(join(work, path)).mode & 0o777;
const environment = (name: string) => ({ GITHUB_OUTPUT: `/__w/_temp/_runner_file_commands/${name}`, A: "b" });

describe("the files behind GITHUB_OUTPUT and the like", () => {
  it("are opened for every user of a container that shares the work folder", () => {
    writeFileSync(join(folder, "add_path_2"), "", { mode: 0o644 });
    openFileCommands(environment("set_output_1"), work);
    expect(modeOf("_temp/_runner_file_commands/set_output_1")).toBe(0o666);
    expect(modeOf("_temp/_runner_file_commands/add_path_2")).toBe(0o644);
  });

  it.each([
    ["a file that is not there", "set_output_9"],
    ["a file elsewhere", "../../mine"],
    ["nothing", ""],
  ])("may be %s, which is left alone", (_, name) => {
    openFileCommands(environment(name), work);
    expect(modeOf("mine")).toBe(0o600);
  });

  it("are never reached through a link that a step left", () => {
    symlinkSync(join(work, "mine"), join(folder, "set_output_2"));
    expect(() => openFileCommands(environment("set_output_2"), work)).toThrow(/cannot be made writable/);
    renameSync(folder, join(work, "elsewhere"));
    symlinkSync(join(work, "elsewhere"), folder);
    expect(() => openFileCommands(environment("set_output_1"), work)).toThrow(
      /leads elsewhere through a link/,
    );
    expect([modeOf("mine"), modeOf("elsewhere/set_output_1")]).toEqual([0o600, 0o644]);
  });
});
