import { expect, it } from "vitest";
import { serviceNames } from "./container-names.ts";

it.each([
  [
    ["redis", "postgres:16"],
    ["redis", "postgres"],
  ],
  [[`ghcr.io:443/o/my_App.v2:1@sha256:${"a".repeat(64)}`], ["my-app-v2"]],
  [["localhost:5000/redis"], ["redis"]],
  [
    ["redis:7", "postgres", "quay.io/x/redis"],
    ["redis-0", "postgres", "redis-1"],
  ],
  [
    ["redis-0", "redis", "redis"],
    ["redis-0", "redis-1", "redis-2"],
  ],
  [
    ["job", "sync", "x/install"],
    ["job-0", "sync-0", "install-0"],
  ],
  [["x/___"], ["service"]],
  [
    ["a".repeat(70), "a".repeat(80)],
    [`${"a".repeat(61)}-0`, `${"a".repeat(61)}-1`],
  ],
  [[`${"a".repeat(62)}_b`], ["a".repeat(62)]],
])("%j are called %j", (images, names) => {
  expect(serviceNames(images)).toEqual(names);
});
