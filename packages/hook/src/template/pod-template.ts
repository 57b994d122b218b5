import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

/** A container of a template: `$job`, `$<service>`, or a container of its own. */
export type TemplateContainer = Partial<V1Container> & { readonly name: string };

/** What an operator wants in the pods of jobs and steps: the file that ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE names, checked. */
export interface PodTemplate {
  /** Where it was read, for messages. */
  readonly path: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly TemplateContainer[];
  /** Every other key of `spec`. `null` takes away what a pod has. */
  readonly spec: Readonly<Partial<Omit<V1PodSpec, "containers">>>;
  /** What was found strange, one sentence each. */
  readonly warnings: readonly string[];
}

/** Names that begin with it mean a container that is there without the template. */
export const EXTENSION_PREFIX = "$";

/** Where a merge tells what it did not do as it was asked. */
export type Warn = (message: string) => void;
