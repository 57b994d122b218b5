import type { BuildEvent, BuildSession } from "@slipway/core";
import { all, CALL_NONE, everyCaseBut, type Mutant, wrapped } from "./mutant.ts";

const STOPPED_BY_A_LINE = ["cancel/in-a-step", "cancel/timeout-is-TIMED_OUT"];

/** A filter for one build: takes what the build emits, and hands on what it likes. */
interface Filter {
  readonly take: (event: BuildEvent) => void;
  readonly end?: () => void;
}

/** Builders whose output is not what the build printed. */
export const outputMutants: readonly Mutant[] = [
  {
    name: "swallows-output",
    make: ({ timeUp }) =>
      filtered(({ emit }) => ({
        take: (event) => {
          if (event.type !== "log") emit(event);
          // Nobody will ever stop this step.
          else if (event.line === "kit step runs.") timeUp();
        },
      })),
    caughtBy: {
      ...all("timeout", ...STOPPED_BY_A_LINE),
      ...all(
        "fail",
        "output/streams-lines-in-order",
        "output/has-standard-error",
        "output/survives-odd-bytes",
        "output/blanks-secrets",
      ),
    },
  },
  {
    name: "holds-output-back",
    make: ({ timeUp }) =>
      filtered(({ emit }) => {
        const held: BuildEvent[] = [];
        return {
          take: (event) => {
            if (event.type !== "log") return emit(event);
            held.push(event);
            if (event.line === "kit step runs.") timeUp();
          },
          end: () => held.forEach(emit),
        };
      }),
    caughtBy: all("timeout", ...STOPPED_BY_A_LINE),
  },
  {
    name: "reorders-output",
    make: () =>
      filtered(({ emit }) => {
        let held: BuildEvent | undefined;
        const flush = () => {
          if (held !== undefined) emit(held);
          held = undefined;
        };
        return {
          take: (event) => {
            if (event.type === "log" && /^kit line \d*[02468]\.$/.test(event.line)) {
              held = event;
              return;
            }
            emit(event);
            flush();
          },
          end: flush,
        };
      }),
    caughtBy: all("fail", "output/streams-lines-in-order", "output/survives-odd-bytes"),
  },
  {
    name: "loses-lines",
    make: () =>
      filtered(({ emit }) => {
        let lines = 0;
        return {
          take: (event) => {
            lines += event.type === "log" ? 1 : 0;
            if (lines <= 100) emit(event);
          },
        };
      }),
    caughtBy: all("fail", "output/streams-lines-in-order"),
  },
  {
    name: "emits-chunks-of-lines",
    make: () =>
      filtered(({ emit }) => ({
        take: (event) => {
          if (event.type !== "log" || event.line.length > 1_000) return emit(event);
          for (const line of event.line.match(/.{1,20}/g) ?? [""]) emit({ type: "log", line });
        },
      })),
    caughtBy: all("fail", "output/blanks-secrets"),
  },
  {
    name: "floods-after-odd-bytes",
    make: () =>
      filtered(({ emit, signal }) => ({
        take: (event) => {
          emit(event);
          if (event.type !== "log" || !event.line.includes("\ufffd")) return;
          while (!signal.aborted) emit({ type: "log", line: "invalid byte" });
        },
      })),
    caughtBy: all("flood", "output/survives-odd-bytes"),
  },
  {
    name: "emits-after-settling",
    make: () =>
      wrapped((builder) => ({
        build: async (request, session) => {
          try {
            return await builder.build(request, session);
          } finally {
            setImmediate(() => session.emit({ type: "notice", message: "cleaned up" }));
          }
        },
      })),
    // The one case that listens to no event is left.
    caughtBy: everyCaseBut("leftovers", [...CALL_NONE, "cancel/before-it-starts"]),
  },
];

function filtered(make: (session: BuildSession) => Filter) {
  return wrapped((builder) => ({
    build: async (request, session) => {
      const { take, end = () => {} } = make(session);
      try {
        return await builder.build(request, { ...session, emit: take });
      } finally {
        end();
      }
    },
  }));
}
