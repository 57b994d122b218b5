import { describe, expect, it } from "vitest";
import { dropIdleFlags } from "./drop-idle-flags.ts";

describe("dropIdleFlags", () => {
  it.each([
    ["RUN --security=sandbox a", "RUN  a"],
    ["RUN --network=default --mount=target=/m --security=sandbox a", "RUN  --mount=target=/m  a"],
    ['run --network=default ["a", "--network=default"]', 'run  ["a", "--network=default"]'],
    ["RUN \\\n# --network=default\n  --network=default \\\n  a", "RUN \\\n# --network=default\n   \\\n  a"],
    ["ONBUILD RUN --network=default a", "ONBUILD RUN  a"],
    ["RUN --mount=type=secret,id=a b", "RUN  b"],
    [
      "RUN --mount=type=secret,id=ab,target=/c \\\n  --mount=type=secret,id=a,required=false --mount=target=/m b",
      "RUN  \\\n   --mount=target=/m b",
    ],
    ["COPY --chown=1 --parents=false a /b/", "COPY --chown=1  a /b/"],
  ])("takes off what changes nothing: %j", (before, after) => {
    expect(dropIdleFlags(`FROM x\n${before}\n`)).toBe(`FROM x\n${after}\n`);
  });

  it.each([
    "RUN --network=none a",
    "RUN --mount=type=secret,id=a,required b",
    "RUN --mount=type=secret,id=a,required=true b",
    'RUN --mount="type=secret,id=a" b',
    "RUN --mount=type=ssh b",
    "RUN a --network=default",
    "COPY --parents a /b/",
    "RUN <<EOF\na --security=sandbox\nEOF",
    'CMD ["--network=default"]',
  ])("leaves %j", (instruction) => {
    expect(dropIdleFlags(`FROM x\n${instruction}\n`)).toBe(`FROM x\n${instruction}\n`);
  });
});
