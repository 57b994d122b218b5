import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const source = (path: string) => JSON.stringify(join(import.meta.dirname, "../src", path));
const VITEST = join(import.meta.dirname, "../../../node_modules/vitest/vitest.mjs");
const ROOT = join(import.meta.dirname, "../../..");

/** An author's test: a builder that takes any configuration, and lists one failure that it has and two that it has not. */
const TEST = `
import { describeConformance } from ${source("vitest.ts")};
import { referenceBuilder } from ${source("testing/reference/reference-builder.ts")};
describeConformance({
  plugin: { ...referenceBuilder(), parseConfig: () => ({}) },
  config: {},
  only: ["contract/plugin-is-valid", "contract/bad-config-is-INVALID_CONFIG", "auth/no-password-is-REGISTRY_DENIED", "auth/pushes*"],
  knownFailures: {
    "auth/pushes-with-credentials": "issue 1",
    "auth/no-password-is-REGISTRY_DENIED": "issue 2",
    "auth/typo": "issue 3",
  },
});
`;
const CONFIG = `
const resolve = { conditions: ["slipway-source"] };
export default { root: ${JSON.stringify(ROOT)}, resolve, ssr: { resolve }, test: { dir: import.meta.dirname, include: ["**/author.test.ts"] } };
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-author-"));
  await writeFile(join(folder, "author.test.ts"), TEST);
  await writeFile(join(folder, "vitest.config.mjs"), CONFIG);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface JsonReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      title: string;
      status: string;
      failureMessages: readonly string[];
    }[];
  }[];
}

describe("describeConformance", () => {
  it("fails a case that is not true, and a known failure that is none", { timeout: 120_000 }, async () => {
    const args = [VITEST, "run", "--config", join(folder, "vitest.config.mjs"), "--reporter", "json"];
    const stdout = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { cwd: folder }, (_, output) => resolve(output));
    });
    const { testResults } = JSON.parse(stdout) as JsonReport;
    const ends = testResults[0]?.assertionResults.map(
      ({ title, status, failureMessages: [message = ""] }) => [
        title,
        status,
        message.split("\n", 1)[0]?.replace(/^Error: /, ""),
      ],
    );
    expect(ends).toEqual([
      ["contract/plugin-is-valid", "passed", ""],
      [
        "contract/bad-config-is-INVALID_CONFIG",
        "failed",
        expect.stringMatching(
          /^parseConfig refuses .*\. fail: expected INVALID_CONFIG for a field that is not known, found that it is taken/,
        ),
      ],
      ["auth/pushes-with-credentials", "passed", ""],
      [
        "auth/no-password-is-REGISTRY_DENIED",
        "failed",
        expect.stringMatching(/it passes: remove it from the list of known failures$/),
      ],
      ["nothing goes on when its case has ended", "passed", ""],
      [
        "every known failure is the name of a case",
        "failed",
        expect.stringMatching(/^auth\/typo is no case: /),
      ],
    ]);
  });
});
