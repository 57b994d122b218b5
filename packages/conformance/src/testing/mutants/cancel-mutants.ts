import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cancellation } from "@slipway/core";
import { referenceBuilder } from "../reference/reference-builder.ts";
import { all, type Mutant, wrapped } from "./mutant.ts";

const IN_A_STEP = ["cancel/in-a-step", "cancel/timeout-is-TIMED_OUT"];

/** Builders that do not stop when they are told to. */
export const cancelMutants: readonly Mutant[] = [
  {
    name: "deaf-to-abort",
    make: ({ timeUp, over }) =>
      wrapped((builder) => ({
        build: (request, session) => {
          let inAStep = false;
          // The step would never end: nobody waits for it.
          session.signal.addEventListener("abort", () => inAStep && timeUp());
          return builder.build(request, {
            ...session,
            signal: over,
            emit: (event) => {
              inAStep ||= event.type === "log";
              session.emit(event);
            },
          });
        },
      })),
    caughtBy: {
      ...all("fail", "cancel/at-the-first-event", "cancel/before-it-starts"),
      ...all("timeout", ...IN_A_STEP),
    },
  },
  {
    name: "abandons-on-abort",
    make: ({ over }) =>
      wrapped((builder) => ({
        build: (request, session) => {
          const stop = new AbortController();
          let inAStep = false;
          session.signal.addEventListener("abort", () => inAStep || stop.abort(), { once: true });
          const abandoned = new Promise<never>((_, reject) =>
            session.signal.addEventListener("abort", () => inAStep && reject(cancellation(session.signal))),
          );
          const building = builder.build(request, {
            ...session,
            signal: AbortSignal.any([over, session.signal.aborted ? session.signal : stop.signal]),
            emit: (event) => {
              inAStep ||= event.type === "log";
              session.emit(event);
            },
          });
          return Promise.race([abandoned, building]);
        },
      })),
    caughtBy: all("leftovers", ...IN_A_STEP),
  },
  {
    name: "pushes-after-a-cancel",
    make: ({ later }) =>
      wrapped((builder, host, config) => ({
        build: async (request, session) => {
          try {
            return await builder.build(request, session);
          } catch (error) {
            if (session.signal.aborted)
              later.push(async () => {
                const workDir = await mkdtemp(join(tmpdir(), "slipway-mutant-"));
                await writeFile(join(workDir, "Dockerfile"), "FROM scratch\nLABEL late=yes\n");
                const { signal } = new AbortController();
                await referenceBuilder()
                  .create(config, { ...host, workDir })
                  .build(
                    { ...request, dockerfile: "Dockerfile", context: { kind: "directory", path: workDir } },
                    { ...session, signal, emit: () => {} },
                  );
              });
            throw error;
          }
        },
      })),
    caughtBy: all(
      "leftovers",
      ...IN_A_STEP,
      "cancel/at-the-first-event",
      "cancel/before-it-starts",
      "cancel/during-the-push",
    ),
  },
];
