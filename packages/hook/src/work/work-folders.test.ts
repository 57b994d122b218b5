import { mkdtemp, realpath, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Mount } from "../protocol/hook-input.ts";
import { planWorkFolders, prepareWorkFolders } from "./work-folders.ts";

const work = "/home/runner/_work";
const mount = (source: string | undefined, target: string, readOnly = false): Mount => ({
  source,
  target,
  readOnly,
});

/** What the runner sends for every container action. */
const ofTheRunner = [
  mount("/var/run/docker.sock", "/var/run/docker.sock"),
  mount(`${work}/_temp`, "/github/runner_temp"),
  mount(`${work}/_temp/_github_home`, "/github/home"),
  mount(`${work}/_temp/_github_workflow`, "/github/workflow"),
  mount(`${work}/_temp/_runner_file_commands`, "/github/file_commands"),
  mount(`${work}/repo/repo`, "/github/workspace"),
];

describe("planWorkFolders", () => {
  it("sends each file once, however many paths lead to it", () => {
    expect(planWorkFolders(ofTheRunner, [], work)).toEqual({
      workFolder: work,
      trees: [
        { name: "runner_temp", source: `${work}/_temp`, readOnly: false },
        { name: "workspace", source: `${work}/repo/repo`, readOnly: false },
      ],
      mounts: [
        { subPath: "runner_temp", mountPath: "/github/runner_temp", readOnly: false },
        { subPath: "runner_temp/_github_home", mountPath: "/github/home", readOnly: false },
        { subPath: "runner_temp/_github_workflow", mountPath: "/github/workflow", readOnly: false },
        { subPath: "runner_temp/_runner_file_commands", mountPath: "/github/file_commands", readOnly: false },
        { subPath: "workspace", mountPath: "/github/workspace", readOnly: false },
      ],
      worldWritable: ["runner_temp/_runner_file_commands"],
    });
  });

  it("does the same for a runner that does not send _temp itself", () => {
    const plan = planWorkFolders(
      ofTheRunner.filter(({ target }) => target !== "/github/runner_temp"),
      [],
      work,
    );
    expect(plan.trees.map(({ name }) => name)).toEqual(["home", "workflow", "file_commands", "workspace"]);
    expect(plan.worldWritable).toEqual(["file_commands"]);
  });

  it("fetches nothing back from a folder that is read-only everywhere", () => {
    const plan = planWorkFolders(
      [mount("/a/x", "/x", true), mount("/b", "/b", true), mount("/b/c", "/c")],
      [],
      work,
    );
    expect(plan.trees.map(({ name, readOnly }) => [name, readOnly])).toEqual([
      ["x", true],
      ["b", false],
    ]);
  });

  it("gives folders of the same name different places", () => {
    const plan = planWorkFolders(
      [mount("/a", "/one/data"), mount("/b", "/two/data"), mount("/c", "/..")],
      [],
      work,
    );
    expect(plan.trees.map(({ name }) => name)).toEqual(["data", "data-2", "folder"]);
  });

  it("mounts one folder twice", () => {
    const plan = planWorkFolders([mount("/a", "/one"), mount("/a/", "/two", true)], [], work);
    expect(plan.trees).toEqual([{ name: "one", source: "/a", readOnly: false }]);
    expect(plan.mounts.map(({ subPath, readOnly }) => [subPath, readOnly])).toEqual([
      ["one", false],
      ["one", true],
    ]);
  });

  it.each([
    ["a folder outside of the work folder", mount("/etc", "/x"), "outside of the work folder"],
    ["a way out of the work folder", mount(`${work}/../../x`, "/x"), "outside of the work folder"],
    ["a sibling with the same beginning", mount(`${work}2`, "/x"), "outside of the work folder"],
    ["a named volume", mount("cache", "/x"), "has no folder on the runner (cache)"],
    ["an anonymous volume", mount(undefined, "/x"), "anonymous volume"],
  ])("refuses %s that the user asks for", (_, volume, message) => {
    expect(() => planWorkFolders([], [volume], work)).toThrow(message);
  });

  it("takes a folder of the work folder that the user asks for", () => {
    expect(planWorkFolders([], [mount(`${work}/cache`, "/x")], work).trees).toHaveLength(1);
  });
});

describe("prepareWorkFolders", () => {
  it("makes missing folders and resolves links", async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), "slipway-")));
    await symlink(root, join(root, "link"));
    const [made, linked] = await prepareWorkFolders([
      mount(join(root, "a/b"), "/x"),
      mount(join(root, "link/c"), "/y"),
    ]);
    expect([made?.source, linked?.source]).toEqual([join(root, "a/b"), join(root, "c")]);
    expect((await stat(join(root, "c"))).isDirectory()).toBe(true);
  });

  it("refuses a file", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "slipway-")), "file");
    await writeFile(file, "");
    await expect(prepareWorkFolders([mount(file, "/x")])).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  });
});
