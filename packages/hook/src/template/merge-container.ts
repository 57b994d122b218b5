import type { V1Container, V1EnvVar, V1VolumeMount } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import type { TemplateContainer, Warn } from "./pod-template.ts";

export interface MergeContext {
  /** `own`: a container that runs the agent. */
  readonly kind: "job" | "service" | "own";
  /** Of the template, for messages. */
  readonly path: string;
  readonly warn: Warn;
}

/** What an operator may say of the agent's containers: quotas and limit ranges ask for it. */
const FIELDS_OF_OUR_OWN: readonly string[] = ["name", "resources"];

/** One container with what the template says of it. Throws INVALID_CONFIG for a mount that would hide one of the pod's own. */
export function mergeContainer(
  base: V1Container,
  extension: TemplateContainer,
  context: MergeContext,
): V1Container {
  const merged: V1Container = { ...base };
  for (const [key, value] of Object.entries(extension)) {
    const reason = reasonToIgnore(key, context);
    if (reason !== undefined) {
      context.warn(`The pod template's ${key} of ${extension.name} is not used: ${reason}`);
    } else if (key !== "name") {
      mergeField(merged, key as keyof V1Container, value, context);
    }
  }
  return merged;
}

function reasonToIgnore(key: string, { kind }: MergeContext): string | undefined {
  if (kind === "own") {
    return FIELDS_OF_OUR_OWN.includes(key)
      ? undefined
      : "of Slipway's own containers only resources can be set";
  }
  if (key === "image") return "the workflow names the image";
  if (kind === "job" && (key === "command" || key === "args")) {
    return "the steps decide what runs there; lifecycle.postStart can run a command of yours";
  }
  return undefined;
}

function mergeField<Key extends keyof V1Container>(
  container: V1Container,
  key: Key,
  wanted: V1Container[Key] | null,
  context: MergeContext,
): void {
  if (wanted === null || wanted === undefined) {
    if (!isList(key)) delete container[key];
  } else if (isList(key)) {
    Object.assign(container, { [key]: LISTS[key](container, wanted as never, context) });
  } else {
    container[key] = wanted;
  }
}

function isList(key: string): key is keyof typeof LISTS {
  return Object.hasOwn(LISTS, key);
}

/** The keys that are added to; every other one replaces. */
const LISTS = {
  env: ({ env = [] }: V1Container, wanted: V1EnvVar[]) => {
    const last = new Map(wanted.map((variable) => [variable.name, variable]));
    return [...env.filter(({ name }) => !last.has(name)), ...last.values()];
  },
  envFrom: ({ envFrom = [] }: V1Container, wanted: NonNullable<V1Container["envFrom"]>) => [
    ...envFrom,
    ...wanted,
  ],
  ports: ({ ports = [] }: V1Container, wanted: NonNullable<V1Container["ports"]>) => [...ports, ...wanted],
  volumeMounts: (container: V1Container, wanted: V1VolumeMount[], context: MergeContext) => {
    for (const mount of wanted) refuseTakenPath(container, mount, context);
    return [...(container.volumeMounts ?? []), ...wanted];
  },
} as const;

function refuseTakenPath(container: V1Container, mount: V1VolumeMount, { path }: MergeContext): void {
  const taken = (container.volumeMounts ?? []).find((own) => hides(mount, own));
  if (taken === undefined) return;
  throw new BuildError(
    "INVALID_CONFIG",
    `The pod template ${path} mounts "${mount.name}" at ${mount.mountPath} in container "${container.name}", where the pod's own ${taken.mountPath} is`,
    { remedy: "Mount it at another path" },
  );
}

/** On the same path, or below a read-only one, in which no place to mount on can be made. */
function hides(mount: V1VolumeMount, own: V1VolumeMount): boolean {
  const [path, taken] = [mount.mountPath, own.mountPath].map((text) => text.replace(/(?<=.)\/+$/, "")) as [
    string,
    string,
  ];
  return path === taken || (own.readOnly === true && path.startsWith(`${taken}/`));
}
