import { describeConformance } from "@slipway/conformance/vitest";
import { bedHost, CASES_OF_THE_KIT_ALONE } from "@slipway/kube/kit-host";
import { kaniko } from "./kaniko-bed.ts";

describeConformance({
  plugin: kaniko.plugin,
  config: {},
  host: bedHost(kaniko),
  only: CASES_OF_THE_KIT_ALONE,
});
