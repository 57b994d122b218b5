import { builder as plugin } from "@slipway/builder-kaniko";
import type { Testbed } from "@slipway/testbed";
import { type KnownTarget, podBuilder } from "./pod-builder.ts";

/** Kaniko as an operator of the test bed's cluster would set it up. */
export const kanikoTarget: KnownTarget = {
  podSecurity: "baseline",
  record: (testbed) => ({
    id: plugin.id,
    implementation: "Kaniko",
    version: versionOf(testbed),
    image: testbed.kanikoImage,
    profile: "default",
    features: plugin.features(configFor(testbed)),
  }),
  make: (bed) =>
    podBuilder(
      {
        plugin,
        config: configFor(bed.testbed),
        record: kanikoTarget.record(bed.testbed),
        isWarning: isKanikoWarning,
      },
      bed,
    ),
};

function configFor(testbed: Testbed) {
  const { kanikoImage: image, mirrorHost, online } = testbed;
  return plugin.parseConfig({
    image,
    version: versionOf(testbed),
    registryMirrors: [mirrorHost],
    mirrorsOnly: !online,
  });
}

function versionOf({ kanikoVersion }: Testbed): string {
  return kanikoVersion.replace(/^v/, "");
}

/** Kaniko warns by log level, of mounts and flags that it leaves out too. To copy nothing is no fault: its builder asks for it. */
function isKanikoWarning(line: string): boolean {
  return /^WARN\[\d+\] (?!No files to copy)/.test(line);
}
