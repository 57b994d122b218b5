import { expect, it } from "vitest";
import { convert, create } from "xmlbuilder2";
import { junitXml } from "./junit-xml.ts";
import { HOSTILE } from "./testing/sample-record.ts";
import { sampleReport } from "./testing/sample-report.ts";

/** The element of a case, as a reader of JUnit's XML sees it. */
async function testcase(id: string): Promise<Record<string, unknown>> {
  const parsed = convert(junitXml(await sampleReport()), { format: "object" }) as unknown as {
    testsuites: { testsuite: { "@name": string; testcase: Record<string, string>[] }[] };
  };
  const cases = parsed.testsuites.testsuite[0]?.testcase ?? [];
  return cases.find((element) => element["@name"]?.startsWith(`${id}:`)) ?? {};
}

it("has a suite for each builder, with its counts", async () => {
  const xml = junitXml(await sampleReport());
  expect(xml).toContain(
    '<testsuite name="kaniko" tests="13" failures="7" errors="1" skipped="3" time="19.500">',
  );
  expect(xml).toContain(
    '<testsuite name="dind" tests="13" failures="0" errors="0" skipped="0" time="19.500">',
  );
});

it("puts the group into the class of a case, and nothing else into one that passed", async () => {
  expect(await testcase("copy-plain-file")).toEqual({
    "@name": "copy-plain-file: COPY puts a file into the root folder",
    "@classname": "copy",
    "@time": "1.500",
  });
});

it("skips a known difference and says by what it is known", async () => {
  expect(await testcase("volume-below-copy")).toMatchObject({
    skipped: { "@message": "known: what COPY puts below a volume is left out of the snapshot" },
  });
});

it("skips what is refused for a feature that is not declared", async () => {
  expect(await testcase("run-mount-ssh")).toMatchObject({
    skipped: { "@message": /^unsupported: Dockerfile line 2 needs run-mount-ssh/ },
  });
});

it("fails what is silently ignored, by that name", async () => {
  expect(await testcase("copy-parents")).toMatchObject({
    failure: { "@type": "silently-ignored", "@message": "missing:/a/b.txt" },
  });
});

it("tells a harness error from a failure", async () => {
  expect(await testcase("runtime-user")).toMatchObject({
    error: { "@type": "harness-error", "@message": "the cluster does not answer" },
  });
});

it("fails what passes though it is known, so that the entry goes away", async () => {
  const report = await sampleReport();
  const results = report.results.map((result) =>
    result.verdict === "known"
      ? { ...result, status: "pass" as const, verdict: "unexpected-pass" as const }
      : result,
  );
  expect(junitXml({ ...report, results })).toContain(
    'message="passed, though it is a known difference: what COPY puts below a volume',
  );
});

it("stays XML whatever a log holds, and keeps what XML can hold of it", async () => {
  const xml = junitXml(await sampleReport());
  expect(() => create(xml)).not.toThrow();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 cannot hold.
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
  const kept = HOSTILE.replace(/[\u0000-\u001f]/g, "\uFFFD")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  expect(xml).toContain(`<system-out>INFO step 1\n${kept}\n`);
});
