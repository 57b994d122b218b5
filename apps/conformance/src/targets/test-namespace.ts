import { randomBytes } from "node:crypto";
import { createKubeApi, type KubeApi } from "@slipway/kube";
import type { Testbed } from "@slipway/testbed";
import { silentLogger } from "./silent-logger.ts";

/** Pod Security levels that builders need (Kubernetes documentation, "Pod Security Standards"). */
export type PodSecurity = "baseline" | "privileged";

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
  const name = `conformance-${podSecurity}-${randomBytes(3).toString("hex")}`;
  const kubectl = (args: readonly string[], input?: string) =>
    testbed.runKubectl(["-n", name, ...args], input === undefined ? {} : { input });
  const remove = async () => {
    await testbed.runKubectl(["delete", "namespace", name, "--wait=false", "--ignore-not-found"]);
  };
  try {
    await kubectl(["create", "-f", "-"], JSON.stringify(namespaceObject(name, podSecurity)));
    await kubectl(["create", "-f", "-"], JSON.stringify(registrySecret(testbed)));
    await kubectl(["wait", "--for=create", "serviceaccount/default", "--timeout=60s"]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, podSecurity, api: createKubeApi({ namespace: name, logger: silentLogger }), remove };
}

function namespaceObject(name: string, podSecurity: PodSecurity): object {
  const labels = { "pod-security.kubernetes.io/enforce": podSecurity };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function registrySecret({ pushHost, pullHost, registryUsername, registryPassword }: Testbed): object {
  const credential = { username: registryUsername, password: registryPassword };
  const auths = { [pushHost]: credential, [pullHost]: credential };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: REGISTRY_SECRET },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
  };
}
