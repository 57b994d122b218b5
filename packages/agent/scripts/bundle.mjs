// Makes the agent one file: CommonJS, because that is what `node -e` runs without a file beside it; and small, because
// Linux takes no argument of more than 128 KiB. `bundle.mjs -` prints it instead.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const toStdout = process.argv[2] === "-";
const result = await build({
  entryPoints: [fileURLToPath(new URL("../src/main.ts", import.meta.url))],
  outfile: fileURLToPath(new URL("../dist/agent.cjs", import.meta.url)),
  write: !toStdout,
  bundle: true,
  minify: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  conditions: ["slipway-source"],
  legalComments: "none",
});
if (toStdout) process.stdout.write(result.outputFiles?.[0]?.contents ?? "");
