import { builder as plugin } from "@slipway/builder-dind";
import { type KnownTarget, podBuilder } from "./pod-builder.ts";

/** Docker in a privileged pod, as an operator who accepts that would set it up. */
export const dindTarget: KnownTarget = {
  podSecurity: "privileged",
  describe: ({ dindImage: image, dindVersion: version }) => ({
    id: plugin.id,
    implementation: "Docker",
    image,
    version,
  }),
  make: (bed) => {
    const { mirrorHost, online } = bed.testbed;
    const described = dindTarget.describe(bed.testbed);
    const { image, version } = described;
    const mirrors = { registryMirrors: [mirrorHost], mirrorsOnly: !online };
    const config = plugin.parseConfig({ acceptPrivileged: true, image, version, ...mirrors });
    return podBuilder({ plugin, config, ...described, isWarning: isDockerWarning }, bed);
  },
};

/** BuildKit lists what its checks find at the end, as the client prints it. */
function isDockerWarning(line: string): boolean {
  return /^(WARN|WARNING): /.test(line);
}
