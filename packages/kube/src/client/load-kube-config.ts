// The only file that imports values of client-node. It is itself imported dynamically: loading the package costs
// hundreds of milliseconds unbundled, and a bundler keeps only what this named import needs (1 MB instead of 3.5 MB),
// which it could not do for a dynamic import of the whole package.
import { KubeConfig } from "@kubernetes/client-node";

/** From KUBECONFIG, else ~/.kube/config, else the service account of the pod. Throws what the files' readers throw. */
export function loadKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/** The same clusters and users without anything cached: tokens and exec plugins are asked again. */
export function freshCopy(config: KubeConfig): KubeConfig {
  const copy = new KubeConfig();
  copy.loadFromOptions({
    clusters: config.clusters,
    users: config.users,
    contexts: config.contexts,
    currentContext: config.currentContext,
  });
  return copy;
}
