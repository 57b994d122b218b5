import type { V1EnvVar, V1Secret } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import type { PodOwner } from "@slipway/kube";
import { ownedMetadata } from "../cluster/owned-metadata.ts";

/** What an API server takes as the data of one Secret (Kubernetes, "Secrets": 1 MiB). */
const MAX_SECRET_BYTES = 1024 * 1024;

/** Throws INVALID_REQUEST for a name that no process can have, and for more than a Secret holds. */
export function assertStepEnvironment(environment: Readonly<Record<string, string>>): void {
  const entries = Object.entries(environment);
  entries.forEach(checkVariable);
  const bytes = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
  if (bytes > MAX_SECRET_BYTES) throw tooLarge(entries, bytes);
}

/**
 * The environment of a step as a Secret, so that no value stands in a pod's spec. The names of variables stay out of the Secret's keys: they
 * may hold characters that a key may not, such as the space in `INPUT_MY NAME`. Throws as `assertStepEnvironment` does.
 */
export function stepSecret(
  name: string,
  environment: Readonly<Record<string, string>>,
  owner: PodOwner,
): V1Secret {
  assertStepEnvironment(environment);
  const data = Object.values(environment).map((value, index) => [
    keyOf(index),
    Buffer.from(value).toString("base64"),
  ]);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: ownedMetadata(name, owner),
    type: "Opaque",
    immutable: true,
    data: Object.fromEntries(data),
  };
}

/** The variables of the container, each a reference into that Secret. */
export function stepEnvironment(secretName: string, names: readonly string[]): V1EnvVar[] {
  return names.map((name, index) => ({
    name,
    valueFrom: { secretKeyRef: { name: secretName, key: keyOf(index) } },
  }));
}

function keyOf(index: number): string {
  return `k${index}`;
}

function checkVariable([name, value]: readonly [string, string]): void {
  if (name === "") throw refused("An environment variable of the step has no name");
  if (/[=\0]/.test(name))
    throw refused(`The environment variable "${name.replaceAll("\0", "\\0")}" has "=" or NUL in its name`);
  if (value.includes("\0")) throw refused(`The value of the environment variable "${name}" contains NUL`);
}

function tooLarge(entries: readonly (readonly [string, string])[], bytes: number): BuildError {
  const [largest] = entries.toSorted(([, a], [, b]) => b.length - a.length);
  return refused(
    `The environment of the step has ${bytes} bytes, more than the ${MAX_SECRET_BYTES} that a Secret holds; the largest variable is ${largest?.[0]}`,
  );
}

function refused(message: string): BuildError {
  return new BuildError("INVALID_REQUEST", message, {
    remedy: "Change the `env:` or `with:` of the step; pass large data as a file",
  });
}
