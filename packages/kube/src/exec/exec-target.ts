import { apiPath } from "../client/api-paths.ts";

/** A command in a container. */
export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** Path and query of the exec subresource (Kubernetes API, "connect GET requests to exec of Pod"). */
export function execPath(target: ExecTarget, stdin: boolean): string {
  const query = new URLSearchParams({
    container: target.container,
    stdin: String(stdin),
    stdout: "true",
    stderr: "true",
  });
  for (const word of target.command) query.append("command", word);
  return apiPath(target.namespace, "pods", target.pod, { name: "exec", query });
}
