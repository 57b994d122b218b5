import { defineConfig } from "vitest/config";

const source = { conditions: ["slipway-source"] };

export default defineConfig({
  ssr: { resolve: source },
  resolve: source,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          globalSetup: "test/temporary-folder.ts",
          include: ["{packages,apps}/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/*.cluster.test.ts", "**/node_modules/**"],
          testTimeout: 30_000,
          // Some bundle the hook first.
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "cluster",
          globalSetup: "test/temporary-folder.ts",
          include: ["{packages,apps}/*/test/**/*.cluster.test.ts", "test/**/*.cluster.test.ts"],
          // One cluster, two cores: files one after the other.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
