import { randomBytes } from "node:crypto";
import { registrySecret } from "./registry-secret.ts";
import type { Testbed } from "./testbed.ts";

/** Pod Security levels that builders need (Kubernetes documentation, "Pod Security Standards"). */
export type PodSecurity = "baseline" | "privileged";

export interface TestNamespaceOptions {
  /** What its name begins with. */
  readonly prefix: string;
  readonly podSecurity: PodSecurity;
  /** Names of Secrets with the credential of the registry: for pushing, and for the kubelet. */
  readonly registrySecrets: readonly string[];
}

/** A namespace of one test run, which enforces a Pod Security level. */
export interface TestNamespace {
  readonly name: string;
  /** kubectl in it. */
  kubectl(args: readonly string[], options?: { readonly input?: string }): Promise<string>;
  /** Deletes it with everything in it; does not wait until it is gone. */
  remove(): Promise<void>;
}

/** Makes a namespace whose pods can start at once. What was made of it is removed again when it fails. */
export async function makeTestNamespace(
  testbed: Testbed,
  { prefix, podSecurity, registrySecrets }: TestNamespaceOptions,
): Promise<TestNamespace> {
  const name = `${prefix}-${randomBytes(3).toString("hex")}`;
  const kubectl: TestNamespace["kubectl"] = (args, options) =>
    testbed.runKubectl(["-n", name, ...args], options);
  const remove = async () => {
    await testbed.runKubectl(["delete", "namespace", name, "--wait=false", "--ignore-not-found"]);
  };
  const items = [
    namespaceObject(name, podSecurity),
    ...registrySecrets.map((secret) => registrySecret(secret, name, testbed)),
  ];
  try {
    await kubectl(["create", "-f", "-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    });
    await kubectl(["wait", "--for=create", "serviceaccount/default", "--timeout=60s"]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, kubectl, remove };
}

function namespaceObject(name: string, podSecurity: PodSecurity): object {
  const labels = { "pod-security.kubernetes.io/enforce": podSecurity };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}
