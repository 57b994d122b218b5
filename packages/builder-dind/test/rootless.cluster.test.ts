import { BuildBed } from "@slipway/kube/build-bed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dind } from "./dind-bed.ts";

let bed: BuildBed;

beforeAll(async () => {
  bed = await BuildBed.make({
    ...dind,
    config: (testbed) => ({
      ...dind.config(testbed),
      image: `${testbed.dindImage}-rootless`,
      variant: "rootless",
    }),
  });
});

afterAll(() => bed.remove());

describe("a build with a Docker that has no root", () => {
  it("pulls, builds as root of a user namespace in a network with the pod's MTU, and pushes", async () => {
    const dockerfile = [
      "FROM busybox:1.37",
      "COPY --chown=12:34 marker /ctx/",
      "RUN cat /proc/self/uid_map; ip link; stat -c '%u:%g %n' /ctx/marker > /ctx/seen && id -u >> /ctx/seen",
    ];
    const files = { Dockerfile: `${dockerfile.join("\n")}\n`, marker: "from the context" };
    const { references, log } = await bed.build({ files });
    const [reference = ""] = references;
    expect(await bed.images.file(reference, "ctx/seen")).toBe("12:34 /ctx/marker\n0\n");
    // Its root is user 1000 of the node.
    expect(log).toMatch(/ 0 +1000 +1\n/);
    const mtu = await bed.testbed.execInRunner(["cat", "/sys/class/net/eth0/mtu"]);
    expect(log).toMatch(new RegExp(` tap0: .* mtu ${mtu.stdout.trim()} `));
  });

  it("tells of a RUN that fails, with its line", async () => {
    const files = { Dockerfile: "FROM busybox:1.37\nRUN exit 7\n" };
    await expect(bed.build({ files })).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: "RUN exit 7 (line 2) failed: exit code 7",
    });
  });
});
