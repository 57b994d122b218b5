import type { Resource } from "../kube-api.ts";

const GROUPS: Readonly<Record<Resource, string>> = {
  pods: "/api/v1",
  secrets: "/api/v1",
  jobs: "/apis/batch/v1",
};

/** `apiVersion` and `kind` of what is created; the server's answers to a list leave them out. */
export const KINDS: Readonly<Record<Resource, { readonly apiVersion: string; readonly kind: string }>> = {
  pods: { apiVersion: "v1", kind: "Pod" },
  secrets: { apiVersion: "v1", kind: "Secret" },
  jobs: { apiVersion: "batch/v1", kind: "Job" },
};

/** Path of a collection, of an object, or of a subresource (Kubernetes API concepts, "Resource URIs"). */
export function apiPath(
  namespace: string,
  resource: Resource,
  name?: string,
  subresource?: { readonly name: string; readonly query: URLSearchParams },
): string {
  const collection = `${GROUPS[resource]}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  if (name === undefined) return collection;
  const object = `${collection}/${encodeURIComponent(name)}`;
  return subresource === undefined ? object : `${object}/${subresource.name}?${subresource.query.toString()}`;
}
