import type { V1Secret } from "@kubernetes/client-node";
import type { PodOwner } from "@slipway/kube";
import { ownedMetadata } from "../cluster/owned-metadata.ts";
import { stepNames } from "../container-step/step-names.ts";
import type { RegistryCredential } from "../protocol/prepare-job.ts";

/** The key of Docker Hub in a config.json of docker. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/** One Secret for each credential, however many containers use it. Two for one registry are tried in turn by the kubelet. */
export function pullSecrets(
  credentials: readonly (RegistryCredential | undefined)[],
  owner: PodOwner,
  newName: () => string = () => stepNames(owner.runnerPod).secret,
): V1Secret[] {
  const configs = new Set(credentials.filter((credential) => credential !== undefined).map(dockerConfig));
  return [...configs].map((config) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: ownedMetadata(newName(), owner),
    type: "kubernetes.io/dockerconfigjson",
    immutable: true,
    data: { ".dockerconfigjson": base64(config) },
  }));
}

/** Texts that must never be printed. */
export function secretsOfCredentials(credentials: readonly (RegistryCredential | undefined)[]): string[] {
  const known = credentials.filter((credential) => credential !== undefined);
  const texts = known.flatMap((credential) => [credential.password, authOf(credential)]);
  return [...new Set(texts)].filter((text) => text !== "");
}

function dockerConfig(credential: RegistryCredential): string {
  const { server, username, password } = credential;
  return JSON.stringify({
    auths: { [server ?? DOCKER_HUB]: { username, password, auth: authOf(credential) } },
  });
}

function authOf({ username, password }: RegistryCredential): string {
  return base64(`${username}:${password}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
