import { builder as plugin } from "@slipway/builder-dind";
import type { Testbed } from "@slipway/testbed";
import { type KnownTarget, podBuilder } from "./pod-builder.ts";

/** Docker in a privileged pod, as an operator who accepts that would set it up. */
export const dindTarget: KnownTarget = {
  podSecurity: "privileged",
  record: (testbed) => ({
    id: plugin.id,
    implementation: "Docker",
    version: testbed.dindVersion,
    image: testbed.dindImage,
    profile: "default",
    features: plugin.features(configFor(testbed)),
  }),
  make: (bed) =>
    podBuilder(
      {
        plugin,
        config: configFor(bed.testbed),
        record: dindTarget.record(bed.testbed),
        isWarning: isDockerWarning,
      },
      bed,
    ),
};

function configFor({ dindImage: image, dindVersion: version, mirrorHost, online }: Testbed) {
  const mirrors = { registryMirrors: [mirrorHost], mirrorsOnly: !online };
  return plugin.parseConfig({ acceptPrivileged: true, image, version, ...mirrors });
}

/** What the client says of the build; hints of BuildKit on style are in a list of their own. */
function isDockerWarning(line: string): boolean {
  return /^(WARN|WARNING): /.test(line);
}
