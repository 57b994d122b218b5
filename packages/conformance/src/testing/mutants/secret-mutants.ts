import { BuildError } from "@slipway/core";
import type { ReferenceConfig } from "../reference/reference-builder.ts";
import { all, type Mutant, wrapped } from "./mutant.ts";

/** Builders that let the credential out. */
export const secretMutants: readonly Mutant[] = [
  {
    name: "leaks-the-credential-into-the-image",
    make: () =>
      wrapped((builder, _, config) => ({
        build: (request, session) =>
          builder.build(
            { ...request, labels: { ...request.labels, "built.with": passwordOf(config) } },
            session,
          ),
      })),
    caughtBy: all("fail", "secrets/credential-absent-from-image"),
  },
  {
    name: "leaks-the-credential-into-events",
    make: () =>
      wrapped((builder, _, config) => ({
        build: (request, session) => {
          const header = Buffer.from(`kit:${passwordOf(config)}`).toString("base64");
          session.emit({ type: "notice", message: `authorization: basic ${header}` });
          return builder.build(request, session);
        },
      })),
    caughtBy: all("fail", "secrets/credential-absent-from-events", "secrets/credential-absent-from-errors"),
  },
  {
    name: "leaks-the-credential-into-errors",
    make: () =>
      wrapped((builder, _, config) => ({
        build: (request, session) =>
          builder.build(request, session).catch((error: BuildError) => {
            const { code, message, remedy, details } = error;
            const cause = new Error(`login of kit with ${passwordOf(config)}`);
            throw new BuildError(code, message, { remedy, details, cause });
          }),
      })),
    caughtBy: all("fail", "secrets/credential-absent-from-errors"),
  },
  {
    name: "shows-the-credential-to-steps",
    make: () =>
      wrapped((builder, _, config) => ({
        build: (request, session) =>
          builder.build(request, {
            ...session,
            emit: (event) => {
              session.emit(event);
              // As `env` of a step would print it.
              if (event.type === "log" && event.line.startsWith("PATH="))
                session.emit({ type: "log", line: `REGISTRY_PASSWORD=${passwordOf(config)}` });
            },
          }),
      })),
    caughtBy: all("fail", "secrets/steps-cannot-read-the-credential"),
  },
];

function passwordOf({ auths = {} }: ReferenceConfig): string {
  return Object.values(auths)[0]?.password ?? "";
}
