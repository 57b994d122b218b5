import { describe, expect, it } from "vitest";
import type { Mount } from "../protocol/hook-input.ts";
import { sharedMounts } from "./shared-mounts.ts";
import { planWorkFolders } from "./work-folders.ts";
import type { SharedWork } from "./work-placement.ts";

const work = "/home/runner/_work";
const claim: SharedWork = { kind: "shared", claim: "c", subPath: "runners/one", pinned: true };
const mount = (source: string, target: string, readOnly = false): Mount => ({ source, target, readOnly });

function shared(mounts: readonly Mount[], placement = claim) {
  return sharedMounts(planWorkFolders(mounts, [], work), placement, work);
}

describe("sharedMounts", () => {
  it("shows the runner's folders by sub paths of the claim, and the whole as the official hook does", () => {
    const mounts = [
      mount(`${work}/_temp`, "/github/runner_temp"),
      mount(`${work}/_temp/_github_workflow`, "/github/workflow", true),
      mount(`${work}/repo/repo`, "/github/workspace"),
    ];
    expect(shared(mounts)).toEqual([
      { subPath: "runners/one", mountPath: "/__w", readOnly: false },
      { subPath: "runners/one/_temp", mountPath: "/github/runner_temp", readOnly: false },
      { subPath: "runners/one/_temp/_github_workflow", mountPath: "/github/workflow", readOnly: true },
      { subPath: "runners/one/repo/repo", mountPath: "/github/workspace", readOnly: false },
    ]);
    expect(shared(mounts, { ...claim, subPath: "" }).map(({ subPath }) => subPath)).toEqual([
      "",
      "_temp",
      "_temp/_github_workflow",
      "repo/repo",
    ]);
  });

  it.each(["/opt/tools", `${work}2`, "/home/runner"])("refuses %s, which is not on the claim", (source) => {
    expect(() => shared([mount(source, "/x")])).toThrow(
      `Volume mounts outside of the work folder are not supported: ${source} for /x`,
    );
  });
});
