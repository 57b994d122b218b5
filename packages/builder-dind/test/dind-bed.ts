import { type BedBuilder, BuildBed } from "@slipway/kube/build-bed";
import { builder as plugin } from "../src/index.ts";

/** Docker as the test bed has it. */
export const dind: BedBuilder = {
  plugin,
  podSecurity: "privileged",
  config: ({ dindImage: image, mirrorHost }) => ({
    acceptPrivileged: true,
    image,
    registryMirrors: [mirrorHost],
    mirrorsOnly: true,
  }),
};

/** A namespace of its own in the test bed, in which Docker builds; of another level of Pod Security when that is the point. */
export function dindBed(podSecurity: BedBuilder["podSecurity"] = "privileged"): Promise<BuildBed> {
  return BuildBed.make({ ...dind, podSecurity });
}
