import { BuildError } from "@slipway/core";
import { imageName, parseBuilderConfig, quantity, registryHost, resources, secretName } from "@slipway/kube";
import * as v from "valibot";
import { assertUsable, type DockerVersion, parseVersion, versionOfImage } from "./docker-version.ts";

/** The newest release when this was written, by its full version: a tag that Docker does not move. */
const DEFAULT_IMAGE = "docker.io/library/docker:29.2.0-dind";

/** How the daemon is kept from being root on the node; `privileged` does nothing of the kind. */
const VARIANTS = ["privileged", "rootless", "userns"] as const;

const version = v.pipe(
  v.string(),
  v.check((text) => parseVersion(text) !== undefined, 'is not a version such as "29.2.0"'),
);

const schema = v.strictObject({
  acceptPrivileged: v.optional(v.boolean(), false),
  variant: v.optional(v.picklist(VARIANTS, `has to be one of ${VARIANTS.join(", ")}`), "privileged"),
  image: v.optional(imageName),
  version: v.optional(version),
  registryMirrors: v.optional(v.array(registryHost), []),
  mirrorsOnly: v.optional(v.boolean(), false),
  pullSecretName: v.optional(secretName),
  storage: v.optional(quantity, "20Gi"),
  resources: v.optional(resources),
  startSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(600)), 60),
});

export type DindConfig = v.InferOutput<typeof schema> & { readonly image: string };

/** What each field means: docs/dind.md is made from it. */
export const FIELD_MEANINGS: Readonly<Record<keyof DindConfig, string>> = {
  acceptPrivileged:
    "Has to be `true`: who may set off a build can become root on the node, should Docker or the kernel have a hole; who gets at the daemon's socket is root there",
  variant:
    "`privileged`; `rootless`: the daemon runs as user 1000, in a container that is still privileged; `userns`: the pod has users of its own (`hostUsers: false`), so that its root is nobody on the node",
  image: "Image with dockerd, docker and buildx",
  version: "Version of Docker in the image, where its tag does not tell",
  registryMirrors: "Mirrors of docker.io, tried in this order, then docker.io itself",
  mirrorsOnly: "Pulls from the mirrors only, which is quicker to fail where docker.io cannot be reached",
  pullSecretName: "Secret for pulling base images. The client has it, not the daemon: no RUN can read it",
  storage: "Size of the volume for images and layers, on the node's disk",
  resources: "Requests and limits of the daemon's container, in which RUN runs",
  startSeconds: "Longest time for the daemon to get ready",
};

/** Checks the configuration of the builder. Throws INVALID_CONFIG that names the field and the cure. */
export function parseDindConfig(input: unknown): DindConfig {
  const output = parseBuilderConfig("dind", schema, input);
  if (!output.acceptPrivileged) throw notAccepted();
  const config = { ...output, image: output.image ?? defaultImage(output.variant) };
  const declared = declaredVersion(config);
  const origin = config.version === undefined ? `Image ${config.image}` : "The version in the configuration";
  if (declared !== undefined) assertUsable(declared, origin);
  return config;
}

/** What holds where a field is left out. */
export function dindDefaults(): Readonly<Record<string, unknown>> {
  return { ...v.getDefaults(schema), image: DEFAULT_IMAGE };
}

/** The version that the configuration tells, by its field or by the image's tag. */
export function declaredVersion({ version, image }: DindConfig): DockerVersion | undefined {
  return version === undefined ? versionOfImage(image) : parseVersion(version);
}

function defaultImage(variant: DindConfig["variant"]): string {
  return variant === "rootless" ? `${DEFAULT_IMAGE}-rootless` : DEFAULT_IMAGE;
}

function notAccepted(): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    "The builder dind runs a privileged container, and nobody has said that it may: from it the node can be taken over, should a Dockerfile break out of its RUN",
    {
      remedy:
        'Set "acceptPrivileged": true in SLIPWAY_BUILDER_CONFIG where every author of an action is trusted with the nodes, or use kaniko, which needs no privileges',
      details: { field: "acceptPrivileged" },
    },
  );
}
