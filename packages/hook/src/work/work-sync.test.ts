import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { applyChanges, findSourceChanges, snapshotSources, TrackedTree, unpackTree } from "@slipway/filetree";
import { beforeEach, describe, expect, it } from "vitest";
import { jobWorkTree, rememberedFile, WorkSync } from "./work-sync.ts";

/** The runner's `_work`, and the work volume of its job's pod. */
let work: string;
let pod: string;

beforeEach(() => {
  work = join(mkdtempSync(join(tmpdir(), "slipway-sync-")), "_work");
  pod = mkdtempSync(join(tmpdir(), "slipway-sync-"));
  put("repo/repo/file", "checked out");
  put("_temp/old.sh", "old");
  put("_temp/_runner_hook_responses/1.json", "");
  put("_temp/_runner_file_commands/set_output_1", "");
  put("_actions/o/r/v1/index.js", "code");
  put("_actions/o/r/v1.completed", "now");
});

function put(path: string, text: string, root = work): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const inPod = (path: string) => readFileSync(join(pod, "__w", path), "utf8");
const onRunner = (path: string) => readFileSync(join(work, path), "utf8");

/** As each call of the hook makes it anew. */
function sync(): WorkSync {
  return new WorkSync({
    trees: [jobWorkTree(work)],
    workFolder: work,
    remembered: rememberedFile(work),
  });
}

async function begin(): Promise<void> {
  const first = sync();
  await unpackTree(first.all(), pod);
  first.confirm();
}

/** Sends what is pending; resolves with the number of entries. */
async function send(from = sync()): Promise<number> {
  const stream = from.pending();
  if (stream === undefined) return 0;
  const { entries } = await applyChanges(stream, new Map([["", pod]]));
  from.confirm();
  return entries;
}

const notices: string[] = [];
const onNotice = (text: string) => notices.push(text);

/** What a pod sends back when `change` has happened in it. */
async function back(change: () => void, only: readonly string[], to = sync()): Promise<void> {
  const sources = [{ from: join(pod, "__w"), to: "__w" }];
  const before = snapshotSources(sources);
  change();
  await to.apply(findSourceChanges(sources, before).pack(), { only, onNotice });
}

describe("WorkSync", () => {
  it("sends the whole work folder but for the hook's own, and then only what is new", async () => {
    await begin();
    expect(inPod("repo/repo/file")).toBe("checked out");
    expect(inPod("_actions/o/r/v1/index.js")).toBe("code");
    expect(existsSync(join(pod, "__w/_temp/_runner_hook_responses"))).toBe(false);
    expect(await send()).toBe(0);
    put("_temp/new.sh", "echo hi");
    put("_temp/_runner_hook_responses/2.json", "");
    rmSync(join(work, "_temp/old.sh"));
    expect(await send()).toBe(2);
    expect(inPod("_temp/new.sh")).toBe("echo hi");
    expect(existsSync(join(pod, "__w/_temp/old.sh"))).toBe(false);
    expect(existsSync(join(pod, "__w/_temp/_slipway"))).toBe(false);
    expect(await send()).toBe(0);
  });

  it("sends again what was not confirmed", async () => {
    await begin();
    put("_temp/new.sh", "echo hi");
    const lost = sync();
    for await (const _ of lost.pending() ?? []);
    expect(await send()).toBe(1);
  });

  it("does not look into actions that are there as a whole, and sends those that come later", async () => {
    await begin();
    put("_actions/o/r/v1/index.js", "changed by nobody");
    expect(await send()).toBe(0);
    put("_actions/o/later/v2/sub/main.js", "new action");
    put("_actions/o/later/v2.completed", "now");
    await send();
    expect(inPod("_actions/o/later/v2/sub/main.js")).toBe("new action");
    expect(inPod("_actions/o/r/v1/index.js")).toBe("code");
    expect(await send()).toBe(0);
  });

  it("takes in what the pod changed, and does not send it back", async () => {
    await begin();
    put("_temp/waiting.sh", "not sent yet");
    const only = ["__w/repo/repo", "__w/_temp"];
    const change = () => {
      put("__w/repo/repo/made", "by a step", pod);
      put("__w/_temp/_runner_file_commands/set_output_1", "a=1", pod);
      rmSync(join(pod, "__w/_temp/old.sh"));
      rmSync(join(pod, "__w/repo/repo/file"));
    };
    await back(change, only);
    expect(onRunner("repo/repo/made")).toBe("by a step");
    expect(onRunner("_temp/_runner_file_commands/set_output_1")).toBe("a=1");
    expect(existsSync(join(work, "_temp/old.sh"))).toBe(false);
    expect(existsSync(join(work, "repo/repo/file"))).toBe(false);
    expect(await send()).toBe(1);
    expect(inPod("_temp/waiting.sh")).toBe("not sent yet");
  });

  it("sends what this call brings to a folder that the runner does not write to", async () => {
    await begin();
    const one = sync();
    one.watch(join(work, "repo"));
    expect(await send(one)).toBe(0);
    put("repo/repo/made", "by a container step");
    rmSync(join(work, "repo/repo/file"));
    put("_temp/made", "there, too");
    expect(await send(one)).toBe(3);
    expect(inPod("repo/repo/made")).toBe("by a container step");
    expect(existsSync(join(pod, "__w/repo/repo/file"))).toBe(false);
    expect(await send()).toBe(0);
  });

  it("takes nothing from outside of what was asked for", async () => {
    await begin();
    const change = () => put("__w/_actions/o/r/v1/index.js", "evil", pod);
    await expect(back(change, ["__w/_temp"])).rejects.toThrow("index.js");
    expect(onRunner("_actions/o/r/v1/index.js")).toBe("code");
  });

  it("lets nothing take the place of the runner's folders, nor write into the hook's own", async () => {
    await begin();
    const remembered = readFileSync(rememberedFile(work), "utf8");
    const change = () => {
      rmSync(join(pod, "__w/_temp/_runner_file_commands"), { recursive: true });
      symlinkSync("/", join(pod, "__w/_temp/_runner_file_commands"));
      put("__w/_temp/_slipway/sent", "forged", pod);
      put("__w/_temp/_runner_hook_responses/1.json", "forged", pod);
    };
    await expect(back(change, ["__w/_temp"])).rejects.toThrow("_runner_file_commands");
    expect(lstatSync(join(work, "_temp/_runner_file_commands")).isDirectory()).toBe(true);
    expect(onRunner("_temp/_runner_hook_responses/1.json")).toBe("");
    expect(readFileSync(rememberedFile(work), "utf8")).toBe(remembered);
  });

  it("tells of a file that is written to all the time, and keeps what the runner had of it", async () => {
    await begin();
    const tree = new TrackedTree(pod);
    put("__w/repo/repo/file", "0".repeat(3_000_000), pod);
    async function* rewritten() {
      let times = 0;
      for await (const chunk of tree.changes(["__w/repo/repo"]).stream) {
        yield chunk;
        times += 1;
        if (chunk.length > 100_000) put("__w/repo/repo/file", `${times % 10}`.repeat(3_000_000), pod);
      }
    }
    notices.length = 0;
    await sync().apply(rewritten(), { only: ["__w/repo"], onNotice });
    expect(notices).toEqual([expect.stringContaining("__w/repo/repo/file was written to all the time")]);
    expect(onRunner("repo/repo/file")).toBe("checked out");
  });

  it("goes through no link that a step has left", async () => {
    await begin();
    rmSync(join(work, "_temp/_runner_file_commands"), { recursive: true });
    const elsewhere = mkdtempSync(join(tmpdir(), "slipway-sync-"));
    symlinkSync(elsewhere, join(work, "_temp/_runner_file_commands"));
    const change = () => put("__w/_temp/_runner_file_commands/set_env", "x", pod);
    await expect(back(change, ["__w/_temp/_runner_file_commands"])).rejects.toThrow("through a link");
    expect(existsSync(join(elsewhere, "set_env"))).toBe(false);
  });

  it.each([
    ["missing", (file: string) => rmSync(file)],
    ["damaged", (file: string) => writeFileSync(file, "slipway-snapshot 1\n[[")],
    ["of another version", (file: string) => writeFileSync(file, "x\n[]")],
  ])("fails when what it remembers is %s", async (_, damage) => {
    await begin();
    damage(rememberedFile(work));
    const error = { code: "INVALID_REQUEST", remedy: expect.stringContaining("Run the job again") };
    expect(() => sync().pending()).toThrow(expect.objectContaining(error));
    await expect(back(() => undefined, ["__w/_temp"])).rejects.toMatchObject(error);
  });
});
