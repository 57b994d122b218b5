import type { PrepareArguments } from "./prepare-arguments.ts";

/** What the runner takes from the answer to prepare_job. */
export interface PreparedJob {
  readonly isAlpine: boolean;
  readonly container: unknown;
  readonly services: readonly { readonly ports: Readonly<Record<string, string>> }[];
}

/**
 * Reads the answer as the runner does (actions/runner, HookResponse and ContainerHookManager.UpdateJobContext), and throws where it would:
 * there it is a NullReferenceException in the middle of the job.
 */
export function readPrepareResponse(
  response: unknown,
  { container, services }: PrepareArguments,
): PreparedJob {
  if (!isRecord(response)) throw new Error("prepare_job wrote no response");
  const { isAlpine, context } = response;
  if (container !== null && typeof isAlpine !== "boolean")
    throw new Error("The response to prepare_job has no isAlpine, though the job has a container");
  const contexts = isRecord(context) ? context : {};
  const answered =
    contexts["services"] ?? (services.length === 0 && !("services" in contexts) ? [] : undefined);
  if (!Array.isArray(answered)) throw new Error("context.services of the response is not an array");
  if (answered.length !== services.length)
    throw new Error(`context.services has ${answered.length} entries for ${services.length} services`);
  for (const [index, service] of answered.entries()) {
    if (!isRecord(service) || !isRecord(service["ports"]))
      throw new Error(`context.services[${index}] of the response has no ports`);
    const odd = Object.values(service["ports"]).find((port) => typeof port !== "string");
    if (odd !== undefined) throw new Error(`context.services[${index}].ports has a value that is no string`);
  }
  return {
    isAlpine: isAlpine === true,
    container: contexts["container"] ?? null,
    services: answered as PreparedJob["services"],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
