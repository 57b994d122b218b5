// The whole package is loaded, as the official bundle loads it: about 15 MB of text at each start.
import * as k8s from "@kubernetes/client-node";
import type { OfficialSettings } from "./settings.ts";

/** The clients of one call, and where it works. */
export interface Cluster {
  readonly settings: OfficialSettings;
  readonly core: k8s.CoreV1Api;
  readonly authorization: k8s.AuthorizationV1Api;
  readonly exec: k8s.Exec;
}

const PERMISSIONS: readonly (readonly [resource: string, verbs: readonly string[], subresource?: string])[] =
  [
    ["pods", ["get", "list", "create", "delete"]],
    ["pods", ["get", "create"], "exec"],
    ["pods", ["get", "list", "watch"], "log"],
    ["secrets", ["get", "list", "create", "delete"]],
  ];

export function connect(settings: OfficialSettings): Cluster {
  const config = new k8s.KubeConfig();
  config.loadFromDefault();
  return {
    settings,
    core: config.makeApiClient(k8s.CoreV1Api),
    authorization: config.makeApiClient(k8s.AuthorizationV1Api),
    exec: new k8s.Exec(config),
  };
}

/** Thirteen reviews at every call. Whether they wait for each other is not described: here they do not. */
export async function reviewAccess({ authorization, settings: { namespace } }: Cluster): Promise<void> {
  const attributes = PERMISSIONS.flatMap(([resource, verbs, subresource]) =>
    verbs.map((verb) => ({
      namespace,
      resource,
      verb,
      group: "",
      ...(subresource === undefined ? {} : { subresource }),
    })),
  );
  const reviews = await Promise.all(
    attributes.map((resourceAttributes) =>
      authorization.createSelfSubjectAccessReview({
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes },
        },
      }),
    ),
  );
  if (reviews.some(({ status }) => status?.allowed !== true))
    throw new Error(`The service account lacks permissions in the namespace ${namespace}`);
}

export function runnerLabel({ runnerPod }: OfficialSettings): Record<string, string> {
  return { "runner-pod": runnerPod };
}
