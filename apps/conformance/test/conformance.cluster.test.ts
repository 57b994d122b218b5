import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { whyNoSecondOpinion } from "@slipway/conformance";
import { loadTestbed } from "@slipway/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MAIN = join(import.meta.dirname, "../src/main.ts");
/** Metadata, files, a failure, a feature that Kaniko lacks, and an image that is run. */
const CASES = [
  "env-keeps-order",
  "copy-chmod-755",
  "run-exit-code-fails",
  "run-network-none",
  "action-default-arguments",
];

interface Report {
  readonly results: readonly { readonly case: string; readonly builder: string; readonly status: string }[];
}

const missing = await whyNoSecondOpinion();
const noReader = missing === undefined ? "" : ` (not asked: ${missing})`;

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "conformance-"));
});
afterAll(() => rm(out, { recursive: true, force: true }));

async function conformance(...args: readonly string[]): Promise<{ code: number; printed: string }> {
  const child = spawn(
    process.execPath,
    ["--conditions=slipway-source", "--import", "tsx", MAIN, "--out", out, ...args],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  return { printed: await text(child.stdout), code: await ended };
}

async function statuses(): Promise<Readonly<Record<string, string>>> {
  const { results } = JSON.parse(await readFile(join(out, "report.json"), "utf8")) as Report;
  return Object.fromEntries(results.map((one) => [`${one.case} ${one.builder}`, one.status]));
}

describe("npm run conformance", () => {
  const only = CASES.flatMap((id) => ["--only", id]);
  const others = CASES.filter((id) => id !== "run-network-none");
  const expected = {
    ...Object.fromEntries(
      others.flatMap((id) => [`${id} dind`, `${id} kaniko`].map((cell) => [cell, "pass"])),
    ),
    "run-network-none dind": "pass",
    "run-network-none kaniko": "unsupported",
  };

  it("builds cases with both builders, writes the report, and leaves nothing in the cluster", async () => {
    const { code, printed } = await conformance(...only, "--jobs", "3");
    expect(await statuses()).toEqual(expected);
    expect({ code, printed }).toEqual({
      code: 0,
      printed: expect.stringContaining("10 cells, 0 incomplete"),
    });
    const testbed = await loadTestbed();
    const left = await testbed.runKubectl([
      "get",
      "namespaces",
      "-o",
      "name",
      "--field-selector=status.phase=Active",
    ]);
    const made = /conformance-(baseline|privileged)-[0-9a-f]+/g;
    // Others may run conformance on this cluster: only those of this run, which it names, count.
    expect((printed.match(made) ?? []).filter((name) => left.includes(name))).toEqual([]);
  });

  it("builds nothing again when a run that is complete is resumed", async () => {
    const { code, printed } = await conformance(...only, "--resume");
    // A line of progress for every build.
    expect({ code, printed }).toEqual({ code: 0, printed: expect.not.stringMatching(/^ *\d+\/\d+ /m) });
    expect(await statuses()).toEqual(expected);
  });

  it.skipIf(missing !== undefined)(
    `has a second reader look at what was built without one${noReader}`,
    async () => {
      const { code, printed } = await conformance(...only, "--resume", "--second-opinion");
      const wanted = expect.stringContaining("umoci reads 7 images as we do, and 0 not at all");
      expect({ code, printed }).toEqual({ code: 0, printed: wanted });
    },
  );
});
