import type { TestbedState } from "./testbed-state.ts";

type Login = Pick<TestbedState, "pushHost" | "pullHost" | "registryUsername" | "registryPassword">;

/** A Secret for pushing to the test bed's registry and for the kubelet, with every field that `kubectl create secret docker-registry` writes. */
export function registrySecret(
  name: string,
  namespace: string,
  { pushHost, pullHost, registryUsername: username, registryPassword: password }: Login,
): object {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const login = { username, password, auth };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths: { [pushHost]: login, [pullHost]: login } }) },
  };
}
