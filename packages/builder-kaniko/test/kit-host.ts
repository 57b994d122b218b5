import { bedHost } from "@slipway/kube/kit-host";
import { kaniko } from "./kaniko-bed.ts";

/** For the command: `slipway-conformance run --builder ./packages/builder-kaniko/src/index.ts --host ./packages/builder-kaniko/test/kit-host.ts`. */
export const createHost = bedHost(kaniko);
