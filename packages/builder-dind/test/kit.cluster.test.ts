import { describeConformance } from "@slipway/conformance/vitest";
import { bedHost, LEFT_TO_THE_KIT } from "@slipway/kube/kit-host";
import { dind } from "./dind-bed.ts";

describeConformance({
  plugin: dind.plugin,
  config: {},
  host: bedHost(dind),
  only: LEFT_TO_THE_KIT,
});
