import { BuildError, type BuilderHost } from "@slipway/core";
import type { BuildPods } from "./layout-build.ts";

// A global symbol: the plugin of a third party may carry its own copy of this package.
const key = Symbol.for("@slipway/kube:BuildPods");

/** The build pods of the cluster that the host runs in. Throws BUILDER_UNAVAILABLE where there is none. */
export function buildPodsOf(host: BuilderHost): BuildPods {
  const pods = (host as { readonly [key]?: BuildPods })[key];
  if (pods !== undefined) return pods;
  throw new BuildError(
    "BUILDER_UNAVAILABLE",
    "This builder needs a Kubernetes cluster, and the host has none",
    {
      remedy:
        "Run it in the hook or another host that offers build pods, or choose a builder that needs no cluster",
    },
  );
}

/** The host, with build pods for builders that ask for them. */
export function withBuildPods<H extends BuilderHost>(host: H, pods: BuildPods): H {
  return Object.defineProperty({ ...host }, key, { value: pods });
}
