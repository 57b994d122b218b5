import { describeConformance } from "@slipway/conformance/vitest";
import { bedHost } from "@slipway/kube/kit-host";
import { kaniko } from "./kaniko-bed.ts";

// What no other test here looks at; the command runs all of it.
describeConformance({
  plugin: kaniko.plugin,
  config: {},
  host: bedHost(kaniko),
  only: [
    "contract/*",
    "build/leaves-the-context-alone",
    "build/keeps-unicode-names",
    "auth/wrong-password-is-REGISTRY_DENIED",
    "auth/plain-http-needs-permission",
    "output/blanks-secrets",
    "failure/ignored-file-is-BUILD_FAILED",
    "cancel/in-a-step",
    "cancel/before-it-starts",
    "secrets/steps-cannot-read-the-credential",
    "isolation/concurrent-builds-do-not-mix",
    "isolation/copied-links-do-not-lead-out",
  ],
});
