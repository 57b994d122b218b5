import { expect, it } from "vitest";
import { absentMount } from "./absent-mount.ts";

const dockerfile = [
  "FROM a",
  "RUN --mount=type=cache,target=/c --mount=type=secret,id=b \\",
  "  c",
  "RUN --mount=type=ssh,required d",
  "RUN --mount=type=tmpfs,target=/secret e",
  'LABEL a="--mount=type=secret"',
].join("\n");

it.each([
  [1, undefined],
  [2, "a secret"],
  [3, undefined],
  [4, "an SSH agent"],
  [5, undefined],
  [6, undefined],
  [7, undefined],
])("line %d mounts %s that no request gives", (line, name) => {
  expect(absentMount(dockerfile, line)).toBe(name);
});
