import { BuildError } from "@slipway/core";
import { currentNamespace } from "@slipway/kube";
import type { HookSettings } from "./settings.ts";

/** The namespace that everything is made in. Throws INVALID_CONFIG where nothing names it. */
export async function ownNamespace(settings: Pick<HookSettings, "namespace">): Promise<string> {
  if (settings.namespace !== undefined) return settings.namespace;
  const namespace = await currentNamespace().catch((cause: unknown) => {
    throw unknownNamespace(cause instanceof Error ? cause.message : String(cause), cause);
  });
  if (namespace !== undefined) return namespace;
  throw unknownNamespace("neither a service account nor a kube context names it");
}

function unknownNamespace(reason: string, cause?: unknown): BuildError {
  return new BuildError("INVALID_CONFIG", `The namespace of the runner is not known: ${reason}`, {
    remedy:
      "Give the runner's pod a service account, and set ACTIONS_RUNNER_KUBERNETES_NAMESPACE from metadata.namespace",
    cause,
  });
}
