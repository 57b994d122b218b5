import { describe, expect, it } from "vitest";
import { mountsBelow } from "./leftovers.ts";

describe("mountsBelow", () => {
  it("finds mount points below a folder, not beside it, and decodes their names", () => {
    const mountinfo = [
      "22 1 8:1 / / rw - ext4 /dev/root rw",
      "40 22 0:30 / /c/state/docker/overlay2/a/merged rw - overlay overlay rw",
      "41 22 0:31 net:[1] /c/state/docker-run/netns/a\\040b rw - nsfs nsfs rw",
      "42 22 0:32 / /c/state-of-another/x rw - tmpfs tmpfs rw",
      "43 22 0:33 /c/state/source /elsewhere rw - ext4 /dev/root rw",
    ].join("\n");
    expect(mountsBelow(mountinfo, "/c/state")).toEqual([
      "/c/state/docker/overlay2/a/merged",
      "/c/state/docker-run/netns/a b",
    ]);
  });
});
