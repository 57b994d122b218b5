import { bedHost } from "@slipway/kube/kit-host";
import { dind } from "./dind-bed.ts";

/** For the command: `slipway-conformance run --builder ./packages/builder-dind/src/index.ts --host ./packages/builder-dind/test/kit-host.ts`. */
export const createHost = bedHost(dind);
