import { type BedBuilder, BuildBed } from "@slipway/kube/build-bed";
import { builder as plugin } from "../src/index.ts";

/** Kaniko as the test bed has it. */
export const kaniko: BedBuilder = {
  plugin,
  podSecurity: "baseline",
  config: ({ kanikoImage: image, kanikoVersion: version, mirrorHost }) => ({
    image,
    version,
    registryMirrors: [mirrorHost],
    mirrorsOnly: true,
    imageDownloadRetry: 0,
  }),
};

/** A namespace of its own in the test bed, in which Kaniko builds. */
export function kanikoBed(): Promise<BuildBed> {
  return BuildBed.make(kaniko);
}
