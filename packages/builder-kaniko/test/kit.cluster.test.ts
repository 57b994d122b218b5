import { describeConformance } from "@slipway/conformance/vitest";
import { bedHost, LEFT_TO_THE_KIT } from "@slipway/kube/kit-host";
import { kaniko } from "./kaniko-bed.ts";

describeConformance({
  plugin: kaniko.plugin,
  config: {},
  host: bedHost(kaniko),
  only: LEFT_TO_THE_KIT,
});
