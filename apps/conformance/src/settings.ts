/** Has everything in this process that talks to a cluster talk to this one. */
export function useCluster(kubeconfig: string): void {
  process.env["KUBECONFIG"] = kubeconfig;
}
