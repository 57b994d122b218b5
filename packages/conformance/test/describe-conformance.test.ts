import { referenceBuilder } from "../src/testing/reference/reference-builder.ts";
import { describeConformance } from "../src/vitest.ts";

// The kit as an author has it in a test: without a base image, so that cases with RUN are skipped.
describeConformance({
  plugin: referenceBuilder(),
  config: {
    auths: { "{{registry.host}}": { username: "{{registry.username}}", password: "{{registry.password}}" } },
  },
  only: ["contract/*", "auth/*", "output/*", "honesty/copy-*"],
});
