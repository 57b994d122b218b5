import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import type { TreeSnapshot, TreeSource } from "@slipway/filetree";

/** What the runner puts beside an action's folder when the action is there as a whole (actions/runner, ActionManager.cs). */
const WATERMARK = ".completed";

/**
 * `_actions` as far as the runner still writes to it: the inside of an action that is there as a whole is left out, since it may hold tens of
 * thousands of files and does not change any more. `to`: its path in streams.
 */
export function completedActions(folder: string, to: string): TreeSource {
  return { from: folder, to, include: outsideOf((action) => existsSync(join(folder, action + WATERMARK))) };
}

/** The same, with the inside of actions that were not there when `sent` was. */
export function newActions(folder: string, to: string, sent: TreeSnapshot, now: TreeSnapshot): TreeSource {
  const isKnown = (action: string): boolean => {
    const watermark = sent.get(`${to}/${action}${WATERMARK}`);
    return watermark !== undefined && watermark === now.get(`${to}/${action}${WATERMARK}`);
  };
  return { from: folder, to, include: outsideOf(isKnown) };
}

/** Takes what is not directly in a folder that fits: nothing below is looked at then. */
function outsideOf(fits: (folder: string) => boolean): (path: string) => boolean {
  const answers = new Map<string, boolean>();
  return (path) => {
    const parent = posix.dirname(path);
    if (parent === ".") return true;
    const answer = answers.get(parent) ?? fits(parent);
    answers.set(parent, answer);
    return !answer;
  };
}
