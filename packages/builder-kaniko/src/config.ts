import { BuildError } from "@slipway/core";
import * as v from "valibot";
import { forbiddenFlag } from "./extra-args.ts";
import { assertUsable, type KanikoVersion, parseVersion, versionOfImage } from "./kaniko-version.ts";

/** What Kaniko needs to unpack any image and run any RUN; Pod Security `baseline` allows all of them. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "SETFCAP", "KILL", "SYS_CHROOT"];

const host = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._/-]+)?$/, "is not host[:port][/path]"),
);
const objectName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "is not the name of a Secret"),
);
const quantities = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, "is not a quantity such as 2Gi")),
);
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
  /** Image of the executor. */
  image: v.optional(
    v.pipe(v.string(), v.regex(/^\S+$/, "is not an image name")),
    "ghcr.io/osscontainertools/kaniko:v1.28.3",
  ),
  /** Version of Kaniko in the image, where its tag does not tell. */
  version: v.optional(version),
  /** Mirrors of docker.io, tried in this order, then docker.io itself. */
  registryMirrors: v.optional(v.array(host), []),
  /** Pulls from the mirrors only, which is quicker to fail where docker.io cannot be reached. */
  mirrorsOnly: v.optional(v.boolean(), false),
  /** Registries to pull from instead of others: `{ "ghcr.io": "mirror.example:5000" }`. */
  registryMap: v.optional(v.record(host, host), {}),
  /** Secret for pulling base images. Every Dockerfile can read it: give it pull rights only. */
  pullSecretName: v.optional(objectName),
  /** Capabilities of the build container. */
  capabilities: v.optional(
    v.array(v.pipe(v.string(), v.regex(/^[A-Z_]+$/, "is not a capability such as CHOWN"))),
    CAPABILITIES,
  ),
  /** Requests and limits of the build container. */
  resources: v.optional(v.strictObject({ requests: v.optional(quantities), limits: v.optional(quantities) })),
  /** Tries to download a base image once more, this often. */
  imageDownloadRetry: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)), 3),
  /** More flags for the executor, `--flag=value` each. */
  extraArgs: v.optional(v.array(extraArg), []),
});

export type KanikoConfig = v.InferOutput<typeof schema>;

/** Checks the configuration of the builder. Throws INVALID_CONFIG that names the field and the cure. */
export function parseKanikoConfig(input: unknown): KanikoConfig {
  const result = v.safeParse(schema, input ?? {});
  if (!result.success) throw malformed(result.issues[0]);
  const { output } = result;
  const declared = declaredVersion(output);
  const origin = output.version === undefined ? `Image ${output.image}` : "The version in the configuration";
  if (declared !== undefined) assertUsable(declared, origin);
  return output;
}

/** The version that the configuration tells, by its field or by the image's tag. */
export function declaredVersion({ version, image }: KanikoConfig): KanikoVersion | undefined {
  return version === undefined ? versionOfImage(image) : parseVersion(version);
}

function malformed(issue: v.BaseIssue<unknown>): BuildError {
  const field = v.getDotPath(issue) ?? "";
  const where = field === "" ? "The configuration of kaniko" : `The configuration of kaniko, field ${field},`;
  const unknown = issue.kind === "schema" && issue.expected === "never";
  const why = unknown
    ? "is not known"
    : issue.kind === "schema"
      ? `has to be ${expected(issue)}`
      : issue.message;
  return new BuildError("INVALID_CONFIG", `${where} ${why}`, {
    remedy: unknown
      ? `Use the fields ${Object.keys(schema.entries).join(", ")}`
      : `Correct ${field === "" ? "it" : field} in SLIPWAY_BUILDER_CONFIG`,
    details: { field },
  });
}

function expected({ expected, received }: v.BaseIssue<unknown>): string {
  return `${(expected ?? "something else").toLowerCase()}, not ${received}`;
}
