import { type BuildError, redactor } from "@slipway/core";
import type { Bench, BuildWish, Ended } from "../bench.ts";
import { WRONG_PASSWORD } from "../builder-config.ts";
import { CaseFailure } from "../case-failure.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import { expectFailure } from "../expect-failure.ts";
import { partsOf } from "../image-of.ts";

/** Where the clients of registries keep credentials, and where pods have their Secrets. In words, for builders that refuse to have their own folder named. */
const LOOK_AROUND = [
  "env",
  'cat "$HOME/.docker/config.json" "$DOCKER_CONFIG/config.json" /run/secrets/* /proc/1/environ /proc/1/cmdline 2>/dev/null',
  'for folder in root kaniko workspace home/user; do cat "/$folder/.docker/config.json" 2>/dev/null; done',
  "echo",
];

/** The credential for pushing. Core would blank it out: it is not told, so that what the builder lets out is seen. */
export const secretCases: readonly ConformanceCase[] = [
  {
    id: "secrets/credential-absent-from-image",
    title: "the credential is neither in the configuration nor in a layer of what was pushed",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      const built = await bench.build({ files: { Dockerfile: "FROM scratch\nCOPY . /\n", a: "1" } });
      const parts = await partsOf(bench, built);
      for (const part of parts) expectAbsent(bench, "the image", part.toString("latin1"));
    },
  },
  {
    id: "secrets/credential-absent-from-events",
    title: "the credential is in no event, whether the push goes well or is refused",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      for (const access of ["right", "wrong"] as const) {
        const { record } = await bench.attempt({ files: small(), access });
        expectAbsent(bench, `the events with the ${access} password`, JSON.stringify(record.events));
      }
    },
  },
  {
    id: "secrets/credential-absent-from-errors",
    title: "the credential is in no error: neither its message, nor what it hangs on",
    requires: [],
    needs: ["registry-password"],
    run: async (bench) => {
      const wrong: BuildWish = { files: small(), access: "wrong" };
      expectNoLeak(bench, await expectFailure(bench, wrong, ["REGISTRY_DENIED"]));
      const failing: BuildWish = { files: { Dockerfile: "FROM scratch\nCOPY kit-absent-file /\n" } };
      expectNoLeak(bench, await expectFailure(bench, failing, ["BUILD_FAILED"]));
    },
  },
  {
    id: "secrets/steps-cannot-read-the-credential",
    title: "a step finds the credential neither in its environment nor where clients keep it",
    requires: [],
    needs: ["registry-password", "shell-base"],
    run: async (bench) => {
      const { record } = await bench.build({
        files: {
          Dockerfile: `FROM ${bench.base}\nRUN ${LOOK_AROUND.join("; ")}\n`,
        },
      });
      expectAbsent(bench, "what a step prints", record.lines.join("\n"));
    },
  },
];

const small = () => ({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" });

function expectNoLeak(bench: Bench, { error, record }: Ended & { readonly error: BuildError }): void {
  expectAbsent(bench, "the events", JSON.stringify(record.events));
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    expectAbsent(bench, "an error", `${JSON.stringify(at)} ${at.message} ${at.stack ?? ""}`);
}

/** The message does not quote what was found. */
function expectAbsent({ host }: Bench, where: string, text: string): void {
  const { password = "" } = host.registry.credential ?? {};
  // What core would blank out: in base64, in JSON, and within other texts as well.
  if (redactor([password, WRONG_PASSWORD])(text) !== text)
    throw new CaseFailure(`expected no credential in ${where}, found one`);
}
