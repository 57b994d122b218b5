import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BuildError,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  type ImageBuilder,
  isBuildError,
} from "@slipway/core";
import { all, type Mutant, type MutantScene, wrapped } from "./mutant.ts";

const FAILED_BUILDS = [
  "failure/failed-step-is-BUILD_FAILED",
  "failure/missing-file-is-BUILD_FAILED",
  "failure/ignored-file-is-BUILD_FAILED",
  "failure/of-the-last-instruction-pushes-nothing",
  "secrets/credential-absent-from-errors",
];
const REFUSALS = [
  "auth/wrong-password-is-REGISTRY_DENIED",
  "auth/no-password-is-REGISTRY_DENIED",
  "auth/plain-http-needs-permission",
];
const UNKNOWN_BASE = "failure/unknown-base-is-BASE_IMAGE_UNAVAILABLE";

/** Builders that fail in another way than they should. */
export const failureMutants: readonly Mutant[] = [
  {
    name: "swallows-failure",
    make: () =>
      failing(async (error, retry) => {
        if (isBuildError(error) && error.code === "BUILD_FAILED") return retry();
        throw error;
      }),
    caughtBy: all(
      "fail",
      ...FAILED_BUILDS,
      "build/builder-is-reusable",
      "isolation/concurrent-builds-do-not-mix",
    ),
  },
  {
    name: "pushes-before-failing",
    make: () =>
      failing(async (error, retry) => {
        await retry().catch(() => {});
        throw error;
      }),
    caughtBy: all("fail", ...FAILED_BUILDS, UNKNOWN_BASE),
  },
  {
    name: "throws-plain-errors",
    make: () =>
      failing((error) => {
        throw new Error(error instanceof Error ? error.message : "failed");
      }),
    caughtBy: {
      ...all("crash", ...FAILED_BUILDS, ...REFUSALS, UNKNOWN_BASE),
      ...all("fail", "cancel/before-it-starts", "isolation/concurrent-builds-do-not-mix"),
    },
  },
  {
    name: "tells-no-cure",
    make: () => rewording((error) => new BuildError(error.code, error.message, { details: error.details })),
    caughtBy: all("fail", ...FAILED_BUILDS, ...REFUSALS, UNKNOWN_BASE),
  },
  {
    name: "tells-a-stack",
    make: () =>
      rewording(
        ({ code, message, remedy, details }) =>
          new BuildError(code, `${message}\n    at build (builder.js:1:1)`, { remedy, details }),
      ),
    caughtBy: all("fail", ...FAILED_BUILDS, ...REFUSALS, UNKNOWN_BASE),
  },
  {
    name: "knows-one-code",
    make: () =>
      rewording(
        ({ code, message, remedy }) =>
          new BuildError(code === "CANCELLED" ? code : "BUILD_FAILED", message, { remedy }),
      ),
    caughtBy: all("fail", ...REFUSALS, UNKNOWN_BASE, "secrets/credential-absent-from-errors"),
  },
  {
    name: "forgets-the-exit-code",
    make: () =>
      rewording(
        ({ code, message, remedy }) => new BuildError(code, message.replace(/\d+/g, "…"), { remedy }),
      ),
    caughtBy: all("fail", "failure/failed-step-is-BUILD_FAILED", UNKNOWN_BASE),
  },
  {
    name: "forgets-what-is-missing",
    make: () => rewording(({ code, remedy }) => new BuildError(code, "exit code 7", { remedy })),
    caughtBy: all("fail", "failure/missing-file-is-BUILD_FAILED", UNKNOWN_BASE),
  },
  {
    name: "hangs-at-an-unknown-base",
    make: (scene) => hangingAt("BASE_IMAGE_UNAVAILABLE", scene),
    caughtBy: all("timeout", UNKNOWN_BASE),
  },
  {
    name: "litters-when-it-fails",
    make: () =>
      wrapped((builder, { workDir }) => ({
        build: (request, session) =>
          builder.build(request, session).catch(async (error: unknown) => {
            await writeFile(join(workDir, "debug.log"), "");
            throw error;
          }),
      })),
    caughtBy: all(
      "leftovers",
      ...FAILED_BUILDS,
      ...REFUSALS,
      UNKNOWN_BASE,
      "build/builder-is-reusable",
      "cancel/in-a-step",
      "cancel/timeout-is-TIMED_OUT",
      "cancel/at-the-first-event",
      "cancel/before-it-starts",
      "cancel/during-the-push",
      "secrets/credential-absent-from-events",
      "isolation/concurrent-builds-do-not-mix",
      "isolation/copied-links-do-not-lead-out",
    ),
  },
];

type OnFailure = (error: unknown, retry: () => Promise<BuiltImage>) => Promise<BuiltImage> | never;

/** Failures end as `onFailure` says; `retry` builds and pushes something that works. */
function failing(onFailure: OnFailure) {
  return wrapped((builder) => ({
    build: async (request, session) => {
      try {
        return await builder.build(request, session);
      } catch (error) {
        return onFailure(error, () => buildEmpty(builder, request, session));
      }
    },
  }));
}

function rewording(change: (error: BuildError) => BuildError) {
  return failing((error) => {
    throw isBuildError(error) ? change(error) : error;
  });
}

/** An image without files, from an empty context. */
async function buildEmpty(
  builder: ImageBuilder,
  request: BuildRequest,
  session: BuildSession,
): Promise<BuiltImage> {
  const path = join(request.context.path, ".empty");
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "Dockerfile"), "FROM scratch\nLABEL empty=yes\n");
  return builder.build(
    { context: { kind: "directory", path }, dockerfile: "Dockerfile", destinations: request.destinations },
    session,
  );
}

/** Never settles after a failure of this code. */
function hangingAt(code: BuildError["code"], { timeUp }: MutantScene) {
  return failing((error) => {
    if (!isBuildError(error) || error.code !== code) throw error;
    timeUp();
    return new Promise<never>(() => {});
  });
}
