import { describeConformance } from "@slipway/conformance/vitest";
import { bedHost, CASES_OF_THE_KIT_ALONE } from "@slipway/kube/kit-host";
import { dind } from "./dind-bed.ts";

describeConformance({
  plugin: dind.plugin,
  config: {},
  host: bedHost(dind),
  only: CASES_OF_THE_KIT_ALONE,
});
