import { createKubeApi, type KubeApi } from "@slipway/kube";
import { makeTestNamespace, type PodSecurity, type Testbed } from "@slipway/testbed";
import { silentLogger } from "./silent-logger.ts";

/** The Secret with the credential of the registry, for pushing and for the kubelet. */
export const REGISTRY_SECRET = "registry";

/** A namespace of this run's own, with the registry's credential in it. */
export interface TestNamespace {
  readonly name: string;
  readonly podSecurity: PodSecurity;
  readonly api: KubeApi;
  /** Deletes it with everything in it; does not wait until it is gone. */
  remove(): Promise<void>;
}

/** Makes a namespace that enforces a Pod Security level. */
export async function makeNamespace(testbed: Testbed, podSecurity: PodSecurity): Promise<TestNamespace> {
  const { name, remove } = await makeTestNamespace(testbed, {
    prefix: `conformance-${podSecurity}`,
    podSecurity,
    registrySecrets: [REGISTRY_SECRET],
  });
  return { name, podSecurity, api: createKubeApi({ namespace: name, logger: silentLogger }), remove };
}
