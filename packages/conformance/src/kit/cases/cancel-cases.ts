import { randomUUID } from "node:crypto";
import { isBuildError, parseReference } from "@slipway/core";
import type { Bench } from "../bench.ts";
import { CaseFailure, expectSame, expectThat, NotApplicable } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { expectFailure, expectNothingPushed } from "../expect-failure.ts";

const SMALL = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" };

/** A step that says that it runs, and then does so for longer than any case may take. */
const endless = ({ base }: Bench) => ({
  Dockerfile: `FROM ${base}\nRUN echo "kit step runs."; sleep 3600\nRUN echo "kit after"\n`,
});

/** What is left of a build that is told to stop. */
export const cancelCases: readonly ConformanceCase[] = [
  {
    id: "cancel/in-a-step",
    title: "a build that is told to stop while a step runs stops, and pushes nothing, now or later",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const stop = new AbortController();
      const { record } = await expectFailure(
        bench,
        {
          files: endless(bench),
          signal: stop.signal,
          onEvent: (event) => {
            if (event.type === "log" && /kit step runs\.\s*$/.test(event.line)) stop.abort();
          },
        },
        ["CANCELLED"],
      );
      const after = record.lines.filter((line) => /^\S*kit after/.test(line));
      expectSame("lines of steps after the one that was stopped", after, []);
    },
  },
  {
    id: "cancel/timeout-is-TIMED_OUT",
    title: "a time limit stops a step just so, and is told as TIMED_OUT",
    requires: [],
    needs: ["shell-base"],
    run: async (bench) => {
      const stop = new AbortController();
      const onEvent = ({ type }: { readonly type: string }) => {
        if (type === "log") stop.abort(new DOMException("time is up", "TimeoutError"));
      };
      await expectFailure(bench, { files: endless(bench), signal: stop.signal, onEvent }, ["TIMED_OUT"]);
    },
  },
  {
    id: "cancel/at-the-first-event",
    title: "a build that is told to stop at its first event pushes nothing, now or later",
    requires: [],
    run: async (bench) => {
      const stop = new AbortController();
      const ended = await bench.attempt({ files: SMALL, signal: stop.signal, onEvent: () => stop.abort() });
      if (!stop.signal.aborted)
        throw new NotApplicable("the builder emits no event for a build without steps");
      await expectNothingPushed(bench, ended.destinations);
      expectThat(ended.error?.code === "CANCELLED", "CANCELLED", ended.error?.code ?? "an image");
    },
  },
  {
    id: "cancel/before-it-starts",
    title: "a build whose signal has aborted already rejects, and pushes nothing",
    requires: [],
    run: async (bench) => {
      const destination = bench.destination();
      const builder = await bench.builder();
      // Not through core, which would not even call the builder.
      const path = await bench.context(SMALL);
      const settled = await builder
        .build(
          { context: { kind: "directory", path }, dockerfile: "Dockerfile", destinations: [destination] },
          { id: randomUUID(), owner: bench.owner, signal: AbortSignal.abort(), emit: () => {} },
        )
        .then(
          ({ digest }) => `the image ${digest}`,
          (error: unknown) => error,
        );
      await expectNothingPushed(bench, [destination]);
      if (typeof settled === "string") throw new CaseFailure(`expected a rejection, found ${settled}`);
      expectThat(isBuildError(settled), "a BuildError", String(settled));
    },
  },
  {
    id: "cancel/during-the-push",
    title: "a build that is told to stop while it pushes settles, and goes on with nothing",
    requires: [],
    run: async (bench) => {
      const stop = new AbortController();
      const destination = bench.destination();
      const ends = pushStarts(bench, destination, () => stop.abort());
      const { error } = await bench.attempt({
        files: SMALL,
        request: { destinations: [destination] },
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === "phase" && event.phase === "push") stop.abort();
        },
      });
      ends();
      if (!stop.signal.aborted)
        throw new NotApplicable("the builder emits no phase push, and the registry cannot be watched here");
      // Too late for the tag to be stopped is not too late to settle; but what is absent now stays absent.
      if ((await bench.registry.digest(destination)) === undefined) bench.absent.add(destination);
      expectThat(error === undefined || error.code === "CANCELLED", "an image or CANCELLED", error?.code);
    },
  },
];

/** Calls back at the first request that writes to a repository. Returns how to stop watching. */
function pushStarts({ host }: Bench, destination: string, started: () => void): () => void {
  const { repository } = parseReference(destination);
  const stop = host.registry.watch?.(({ method, path }) => {
    if (method !== "GET" && method !== "HEAD" && path.startsWith(`/v2/${repository}/`)) started();
  });
  return stop ?? (() => {});
}
