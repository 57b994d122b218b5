// Makes the agent one file, as docs/decisions/0008 says: CommonJS, because that is what `node -e` runs without a file beside it; and
// compressed, because Linux takes no argument of more than 128 KiB. `bundle.mjs -` prints it instead.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

/** The text of one program with everything that it imports. */
async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    write: false,
    bundle: true,
    // Names stay, because people read stack traces; lines are short, because Node prints the whole line that throws.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    format: "cjs",
    platform: "node",
    target: "node20",
    conditions: ["slipway-source"],
    legalComments: "none",
  });
  return outputFiles[0].text;
}

function compressed(text) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(text),
  };
  return brotliCompressSync(text, { params }).toString("base64");
}

const [agent, session] = await Promise.all(["../src/main.ts", "../src/session/main.ts"].map(bundled));
// Each step waits for a `session` to start: it is spared the unpacking.
const text = `if(process.argv[2]==="session")(()=>{
${session}})();
else require("node:vm").compileFunction(
require("node:zlib").brotliDecompressSync(Buffer.from("${compressed(agent)}","base64")).toString(),
["require","module","exports"],{filename:"slipway-agent.cjs"})(require,module,exports);
`;

if (process.argv[2] === "-") {
  process.stdout.write(text);
} else {
  const outfile = fileURLToPath(new URL("../dist/agent.cjs", import.meta.url));
  mkdirSync(dirname(outfile), { recursive: true });
  writeFileSync(outfile, text);
}
