import { builder as plugin } from "@slipway/builder-kaniko";
import { type KnownTarget, podBuilder } from "./pod-builder.ts";

/** Kaniko as an operator of the test bed's cluster would set it up. */
export const kanikoTarget: KnownTarget = {
  podSecurity: "baseline",
  describe: ({ kanikoImage: image, kanikoVersion }) => ({
    id: plugin.id,
    implementation: "Kaniko",
    image,
    version: kanikoVersion.replace(/^v/, ""),
  }),
  make: (bed) => {
    const { mirrorHost, online } = bed.testbed;
    const described = kanikoTarget.describe(bed.testbed);
    const { image, version } = described;
    const config = plugin.parseConfig({
      image,
      version,
      registryMirrors: [mirrorHost],
      mirrorsOnly: !online,
    });
    return podBuilder({ plugin, config, ...described, isWarning: isKanikoWarning }, bed);
  },
};

/** Kaniko warns by log level, of mounts and flags that it leaves out too. To copy nothing is no fault: its builder asks for it. */
function isKanikoWarning(line: string): boolean {
  return /^WARN\[\d+\] (?!No files to copy)/.test(line);
}
