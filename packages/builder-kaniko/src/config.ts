import { imageName, parseBuilderConfig, registryPath, resources, secretName } from "@slipway/kube";
import * as v from "valibot";
import { forbiddenFlag } from "./extra-args.ts";
import { assertUsable, type KanikoVersion, parseVersion, versionOfImage } from "./kaniko-version.ts";

/**
 * What Kaniko needs to unpack any image and run any RUN; Pod Security `baseline` allows all of them. Without FSETID the kernel takes
 * the setgid bit off the files of packages, without a word.
 */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "MKNOD",
  "SETUID",
  "SETGID",
  "SETFCAP",
  "KILL",
  "SYS_CHROOT",
];

const version = v.pipe(
  v.string(),
  v.check((text) => parseVersion(text) !== undefined, 'is not a version such as "1.28.3"'),
);
const extraArg = v.pipe(
  v.string(),
  v.regex(/^--[a-z][a-z0-9-]*(=[\s\S]*)?$/i, "is not of the form --flag or --flag=value"),
  v.check((arg) => forbiddenFlag(arg) === undefined, "sets a flag that Slipway decides"),
);

const schema = v.strictObject({
  image: v.optional(imageName, "ghcr.io/osscontainertools/kaniko:v1.28.3"),
  version: v.optional(version),
  registryMirrors: v.optional(v.array(registryPath), []),
  mirrorsOnly: v.optional(v.boolean(), false),
  registryMap: v.optional(v.record(registryPath, registryPath), {}),
  pullSecretName: v.optional(secretName),
  capabilities: v.optional(
    v.array(v.pipe(v.string(), v.regex(/^[A-Z_]+$/, "is not a capability such as CHOWN"))),
    CAPABILITIES,
  ),
  resources: v.optional(resources),
  imageDownloadRetry: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)), 3),
  extraArgs: v.optional(v.array(extraArg), []),
});

export type KanikoConfig = v.InferOutput<typeof schema>;

/** What each field means: docs/kaniko.md is made from it. */
export const FIELD_MEANINGS: Readonly<Record<keyof KanikoConfig, string>> = {
  image: "Image of the executor",
  version: "Version of Kaniko in the image, where its tag does not tell",
  registryMirrors: "Mirrors of docker.io, tried in this order, then docker.io itself",
  mirrorsOnly: "Pulls from the mirrors only, which is quicker to fail where docker.io cannot be reached",
  registryMap: 'Registries to pull from instead of others: `{ "ghcr.io": "mirror.example:5000" }`',
  pullSecretName: "Secret for pulling base images. Every Dockerfile can read it: give it pull rights only",
  capabilities: "Capabilities of the build container",
  resources: "Requests and limits of the build container",
  imageDownloadRetry: "Tries to download a base image once more, this often",
  extraArgs: "More flags for the executor, `--flag=value` each",
};

/** Checks the configuration of the builder. Throws INVALID_CONFIG that names the field and the cure. */
export function parseKanikoConfig(input: unknown): KanikoConfig {
  const output = parseBuilderConfig("kaniko", schema, input);
  const declared = declaredVersion(output);
  const origin = output.version === undefined ? `Image ${output.image}` : "The version in the configuration";
  if (declared !== undefined) assertUsable(declared, origin);
  return output;
}

/** What holds where a field is left out. */
export function kanikoDefaults(): Readonly<Record<string, unknown>> {
  return v.getDefaults(schema);
}

/** The version that the configuration tells, by its field or by the image's tag. */
export function declaredVersion({ version, image }: KanikoConfig): KanikoVersion | undefined {
  return version === undefined ? versionOfImage(image) : parseVersion(version);
}
