import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaseResult, CorpusCase, Expectation, Group, Status } from "@slipway/conformance";
import type { Feature } from "@slipway/core";
import type { CellVerdict, KnownDifference, RunRecord } from "../../run-record.ts";

/** What somebody would print who wants to be more than text in a report. */
export const HOSTILE =
  '</script><script>globalThis.pwned = 1</script><img src=x onerror="globalThis.pwned = 1"> <!-- \u001b[31m\u0000]]> | @everyone `x`';

const DATE = "2026-11-26T10:00:00.000Z";

interface SampleCase {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly dockerfile: string;
  readonly features?: readonly Feature[];
  readonly expect: Expectation;
  readonly kaniko: Partial<CaseResult> & { readonly status: Status };
  readonly known?: boolean;
}

const FROM = "FROM scratch\nCOPY a.txt /\n";
const FILE = { files: { "/a.txt": { type: "file", mode: "0644", owner: "0:0", text: "a\n" } } } as const;

/** One case for every status; what only Kaniko has of them, the second builder passes. */
const SAMPLES: readonly SampleCase[] = [
  {
    id: "copy-plain-file",
    group: "copy",
    title: "COPY puts a file into the root folder",
    dockerfile: FROM,
    expect: { ...FILE, config: { Env: ["PATH=/bin"], Cmd: null }, changed: ["/a.txt"] },
    kaniko: { status: "pass" },
  },
  {
    id: "arg-unused",
    group: "arg",
    title: "an argument that nobody declares is passed over",
    dockerfile: FROM,
    expect: FILE,
    kaniko: { status: "pass-with-warning", warnings: ["one build-arg was not consumed"] },
  },
  {
    id: "volume-below-copy",
    group: "metadata",
    title: "VOLUME keeps what COPY puts below it",
    dockerfile: "FROM scratch\nVOLUME /v\nCOPY a.txt /v/\nLABEL a=b\n",
    expect: FILE,
    kaniko: {
      status: "differs",
      differences: [
        { id: "missing:/v/a.txt", expected: "a file", actual: "nothing" },
        { id: "config:Labels", expected: '{"a":"b"}', actual: HOSTILE },
      ],
      parity: {
        with: "dind",
        differences: [{ id: "mtime:/v", expected: "2024-01-02", actual: "2026-11-26" }],
      },
    },
    known: true,
  },
  {
    id: "copy-parents",
    group: "copy",
    title: "COPY --parents keeps the folders of the source",
    dockerfile: "FROM scratch\nCOPY --parents a/b.txt /\n",
    features: ["copy-parents"],
    expect: FILE,
    kaniko: {
      status: "silently-ignored",
      differences: [{ id: "missing:/a/b.txt", expected: "a file", actual: "nothing" }],
    },
  },
  {
    id: "run-mount-ssh",
    group: "mounts",
    title: "RUN --mount=type=ssh reaches the agent",
    dockerfile: "FROM busybox\nRUN --mount=type=ssh ssh-add -l\n",
    features: ["run-mount-ssh"],
    expect: FILE,
    kaniko: {
      status: "unsupported",
      error: {
        code: "UNSUPPORTED_FEATURE",
        message: "Dockerfile line 2 needs run-mount-ssh, which kaniko does not have",
        remedy: "Build it with dind",
        line: 2,
      },
    },
  },
  {
    id: "run-exit-code",
    group: "run",
    title: "RUN sees the files of the step before",
    dockerfile: "FROM busybox\nRUN cat /a.txt\n",
    expect: { ...FILE, log: ["one", "two"], run: { exitCode: 0, stdoutHas: ["hello"] } },
    kaniko: {
      status: "fail",
      error: {
        code: "BUILD_FAILED",
        message: "The instruction on line 2 ended with code 1",
        remedy: HOSTILE,
        line: 2,
      },
      log: ["INFO step 1", HOSTILE, `a long line: ${"x".repeat(400)}`],
    },
  },
  {
    id: "parser-no-from",
    group: "parser",
    title: "a Dockerfile without FROM is refused",
    dockerfile: "RUN true\n",
    expect: { fails: ["INVALID_REQUEST", "BUILD_FAILED"], line: 1 },
    kaniko: {
      status: "accepts-invalid",
      reason: "it was built and pushed",
      digest: `sha256:${"a".repeat(64)}`,
    },
  },
  {
    id: "copy-fifo",
    group: "copy",
    title: "a FIFO in the context stops nothing",
    dockerfile: FROM,
    expect: FILE,
    kaniko: {
      status: "timeout",
      attempts: 2,
      error: { code: "TIMED_OUT", message: "It did not end within 120 s" },
    },
  },
  {
    id: "add-zstd",
    group: "add",
    title: "ADD unpacks an archive",
    dockerfile: "FROM scratch\nADD a.tar.zst /\n",
    expect: FILE,
    kaniko: {
      status: "crash",
      error: { code: "INTERNAL", message: "panic: unsupported compression" },
      log: ["panic"],
    },
  },
  {
    id: "image-foreign",
    group: "image",
    title: "the digest reported is the one in the registry",
    dockerfile: FROM,
    expect: FILE,
    kaniko: {
      status: "foreign-digest",
      error: { code: "RESULT_UNVERIFIED", message: "the registry has another" },
    },
  },
  {
    id: "run-daemon",
    group: "run",
    title: "a process that was left behind ends with the build",
    dockerfile: "FROM busybox\nRUN sleep 1000 &\n",
    expect: FILE,
    kaniko: { status: "leftovers", reason: "one pod" },
  },
  {
    id: "heredoc-run",
    group: "heredocs",
    title: "RUN <<EOF runs the lines of its body",
    dockerfile: "FROM busybox\nRUN <<EOF\necho a\nEOF\n",
    features: ["run-heredoc"],
    expect: FILE,
    kaniko: { status: "skipped", reason: "the node has no user namespaces" },
  },
  {
    id: "runtime-user",
    group: "runtime",
    title: "USER is who the program runs as",
    dockerfile: "FROM busybox\nUSER 1000\n",
    expect: { run: { exitCode: 0, stdout: "1000\n" } },
    kaniko: { status: "harness-error", reason: "the cluster does not answer" },
  },
];

const KNOWN: Omit<KnownDifference, "case" | "expect" | "differences"> = {
  builder: "kaniko",
  reason: "what COPY puts below a volume is left out of the snapshot",
  evidence: "pkg/util/fs_util.go, CheckIgnoreList",
  added: "2026-11-26",
  expires: "2027-05-26",
};

/** A run of two builders with every status there is, and hostile texts. `folder` gets the Dockerfiles. */
export async function sampleRecord(folder: string, change: Partial<RunRecord> = {}): Promise<RunRecord> {
  const cases = await Promise.all(SAMPLES.map((sample) => caseOf(sample, join(folder, sample.id))));
  return {
    tool: "0.1.0",
    corpusDigest: "c0ffee".padEnd(64, "0"),
    corpusCases: cases.length,
    date: DATE,
    durationMs: 600_000,
    casesPerMinute: 2.6,
    kubernetes: "v1.34.4",
    arguments: [],
    probe: false,
    complete: false,
    builders: [
      {
        id: "kaniko",
        implementation: "Kaniko",
        version: "1.24.0",
        image: "localhost:31501/kaniko:v1.24.0",
        profile: "default",
        features: ["build-args", "run-heredoc", "copy-parents"],
      },
      {
        id: "dind",
        implementation: "Docker-in-Docker",
        version: "26.1.5",
        image: "localhost:31501/dind:26.1.5",
        profile: "default",
        features: ["build-args", "run-heredoc", "copy-parents", "run-mount-ssh"],
      },
    ],
    cases,
    results: SAMPLES.flatMap((sample) => [
      resultOf(sample.id, "kaniko", sample.kaniko),
      resultOf(sample.id, "dind", { status: "pass" }),
    ]),
    verdicts: SAMPLES.flatMap((sample) => [
      verdictOf(sample),
      { case: sample.id, builder: "dind", verdict: "expected" },
    ]),
    waivers: [],
    ...change,
  };
}

/** Of the sample run, what passes with every builder: a run that reaches the top. */
export async function cleanRecord(folder: string, change: Partial<RunRecord> = {}): Promise<RunRecord> {
  const record = await sampleRecord(folder);
  return {
    ...record,
    complete: true,
    builders: record.builders.map((builder) => ({
      ...builder,
      features: ["copy-parents", "run-heredoc", "run-mount-ssh"],
    })),
    results: record.results.map((result) => resultOf(result.case, result.builder, { status: "pass" })),
    verdicts: record.verdicts.map((cell) => ({
      case: cell.case,
      builder: cell.builder,
      verdict: "expected",
    })),
    ...change,
  };
}

async function caseOf(sample: SampleCase, folder: string): Promise<CorpusCase> {
  const { id, group, title, features = [], expect, dockerfile } = sample;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  return {
    id,
    group,
    title,
    spec: "https://docs.docker.com/reference/dockerfile/#copy",
    base: dockerfile.includes("busybox") ? "busybox" : "scratch",
    features,
    build: { dockerfile: "Dockerfile", buildArgs: { VERSION: "1" } },
    recipe: [],
    expect,
    folder,
  };
}

export function resultOf(
  id: string,
  builder: string,
  result: Partial<CaseResult> & { readonly status: Status },
): CaseResult {
  return { case: id, builder, differences: [], durationMs: 1500, log: ["the last line"], ...result };
}

function verdictOf({ id, kaniko, known = false }: SampleCase): CellVerdict {
  const cell = { case: id, builder: "kaniko" };
  const { status, differences = [] } = kaniko;
  if (known) {
    const entry = {
      ...KNOWN,
      case: id,
      expect: status,
      differences: differences.map((difference) => difference.id),
    };
    return { ...cell, verdict: "known", known: entry };
  }
  const expected: readonly Status[] = ["pass", "pass-with-warning", "unsupported", "skipped"];
  if (status === "harness-error") return { ...cell, verdict: "incomplete" };
  return { ...cell, verdict: expected.includes(status) ? "expected" : "regression" };
}
