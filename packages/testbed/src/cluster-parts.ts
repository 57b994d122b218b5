import { randomBytes } from "node:crypto";
import { hash } from "bcryptjs";
import type { Kubectl } from "./kubectl.ts";
import { registrySecret } from "./registry-secret.ts";
import { names } from "./testbed-state.ts";

export interface ClusterPartsOptions {
  readonly kubectl: Kubectl;
  readonly registryImage: string;
}

/** The password of the registry: kept while the cluster lives, new with every cluster. */
export async function registryPassword(kubectl: Kubectl): Promise<string> {
  const path = "jsonpath={.data.password}";
  const there = await kubectl.try(["-n", "default", "get", "secret", "docker-registry-htpasswd", "-o", path]);
  if (there.code === 0 && there.stdout !== "") return Buffer.from(there.stdout, "base64").toString("utf8");
  return randomBytes(18).toString("base64url");
}

/** Registries, runners' namespace with its Secret, and what ARC would have made. Safe to repeat. */
export async function installClusterParts(
  { kubectl, registryImage }: ClusterPartsOptions,
  password: string,
): Promise<void> {
  await kubectl.apply(JSON.stringify(passwordSecret(await passwordData(kubectl, password))));
  await kubectl.applyFile("registries.yaml", { registryImage });
  await kubectl.applyFile("runners.yaml");
  const login = { ...names, registryPassword: password };
  await kubectl.apply(JSON.stringify(registrySecret(names.registrySecret, names.namespace, login)));
}

export async function waitForRegistries(kubectl: Kubectl): Promise<void> {
  for (const name of ["registry-mirror", "docker-registry"]) {
    await kubectl.run(["-n", "default", "rollout", "status", `deployment/${name}`, "--timeout=180s"]);
  }
}

/** Pods find the registries by name only when this is done. */
export async function waitForDns(kubectl: Kubectl): Promise<void> {
  await kubectl.run(["-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=180s"]);
}

/** Makes a runner pod unless it is there and runs; a failed one is replaced. */
export async function ensureRunnerPod(
  kubectl: Kubectl,
  { work = "folder", ...pod }: RunnerPodOptions,
): Promise<void> {
  const where = ["-n", pod.namespace];
  const phase = await kubectl.try([...where, "get", "pod", pod.name, "-o", "jsonpath={.status.phase}"]);
  if (phase.code === 0 && !["Running", "Pending"].includes(phase.stdout))
    await kubectl.run([...where, "delete", "pod", pod.name]);
  await kubectl.applyFile(work === "claim" ? "runner-pod-claim.yaml" : "runner-pod.yaml", pod);
  await kubectl.run([...where, "wait", "--for=condition=Ready", `pod/${pod.name}`, "--timeout=180s"]);
}

/** Takes everything of ours out of a cluster that stays. */
export async function removeClusterParts(kubectl: Kubectl): Promise<void> {
  await kubectl.run(["delete", "namespace", names.namespace, "--ignore-not-found"]);
  const objects = ["docker-registry", "registry-mirror"].flatMap((name) => [
    `deployment/${name}`,
    `service/${name}`,
    `configmap/${name}`,
  ]);
  await kubectl.run([
    "-n",
    "default",
    "delete",
    "--ignore-not-found",
    ...objects,
    "secret/docker-registry-htpasswd",
  ]);
}

/** Where a runner's work folder lies: on a claim of the pod's, or in a folder that goes with it. */
export type WorkVolume = "claim" | "folder";

export type RunnerPodOptions = {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly image: string;
  readonly work?: WorkVolume;
};

/** bcrypt's lowest cost: the registry computes it for every request, and nobody guesses a password of 24 random characters. */
const CHEAPEST = 4;

/** A hash is salted: writing it anew would restart nothing, but would change the Secret at each `up`. */
async function passwordData(kubectl: Kubectl, password: string): Promise<Record<string, string>> {
  const there = await kubectl.try([
    "-n",
    "default",
    "get",
    "secret",
    "docker-registry-htpasswd",
    "-o",
    "jsonpath={.data.htpasswd}",
  ]);
  const kept = there.code === 0 ? Buffer.from(there.stdout, "base64").toString("utf8") : "";
  return { password, htpasswd: kept || `${names.registryUsername}:${await hash(password, CHEAPEST)}\n` };
}

function passwordSecret(stringData: Readonly<Record<string, string>>): object {
  const metadata = { name: "docker-registry-htpasswd", namespace: "default" };
  return { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData };
}
