import { BuildError, type ErrorCode } from "@slipway/core";
import { type ContainerFailure, oneLine } from "@slipway/kube";
import type { DindConfig } from "./config.ts";
import { type BuildkitOutput, readOutput } from "./output-lines.ts";
import { DAEMON_GONE } from "./start-scripts.ts";

interface Rule {
  readonly when: RegExp;
  readonly code: ErrorCode;
  /** `why` is what BuildKit said, on one line. */
  readonly says: (why: string, output: BuildkitOutput, config: DindConfig) => string;
  readonly remedy: string;
}

const instructionOf = ({ instruction, line }: BuildkitOutput): string => {
  if (instruction === undefined) return "The build";
  return `${oneLine(instruction)}${line === undefined ? "" : ` (line ${line})`}`;
};
const running = (why: string, output: BuildkitOutput) => `${instructionOf(output)} failed: ${why}`;
const pulling = (why: string, { line }: BuildkitOutput) => {
  const [, image] = /^([^\s:]+(?::[^\s:]+)*): failed to /.exec(why) ?? [];
  const named = image === undefined ? "A base image" : `Image ${image}`;
  return `${named}${line === undefined ? "" : ` of line ${line}`} cannot be pulled: ${reasonOf(why)}`;
};

const PULL = "failed to resolve source metadata for|failed to copy: |failed to authorize: ";
const MIRRORS =
  "Try again; where the registry is not reachable from the cluster, set registryMirrors in SLIPWAY_BUILDER_CONFIG";

/** The first rule that matches counts: what is certain comes before what is likely. Texts of Docker 26 with buildx 0.13, and later ones. */
const RULES: readonly Rule[] = [
  {
    when: /docker-buildx: (command )?not found|unknown flag: --(progress|provenance|sbom|output|allow)/,
    code: "INVALID_CONFIG",
    says: (why, _, { image }) => `Image ${image} has no buildx, or one that is too old: ${why}`,
    remedy:
      'Set "image" in SLIPWAY_BUILDER_CONFIG to Docker 26 or newer with buildx, such as docker:29.2.0-dind',
  },
  {
    when: /OCI exporter is not supported|exporter "oci" could not be found|client version .* is too (new|old)/,
    code: "INVALID_CONFIG",
    says: (why, _, { image }) => `The Docker daemon of image ${image} is too old: ${why}`,
    remedy: 'Set "image" in SLIPWAY_BUILDER_CONFIG to Docker 26 or newer, such as docker:29.2.0-dind',
  },
  {
    when: /no space left on device/,
    code: "RESOURCE_EXHAUSTED",
    says: running,
    remedy: "Raise storage in SLIPWAY_BUILDER_CONFIG, give the node more room, or make the image smaller",
  },
  {
    when: /did not complete successfully: exit code: 137\b/,
    code: "BUILD_FAILED",
    says: (_, output) => running("exit code 137", output),
    remedy: "If it was killed for its memory: raise resources.limits.memory in SLIPWAY_BUILDER_CONFIG",
  },
  {
    when: /did not complete successfully/,
    code: "BUILD_FAILED",
    says: (why, output) => running(endOf(why), output),
    remedy: "Mend the instruction; what it printed is above",
  },
  {
    // The client and its daemon lost each other, on a machine that is too busy: nothing is known of the Dockerfile.
    when: /failed to receive status: rpc error: code = (Canceled|Unavailable)\b/,
    code: "BUILDER_UNAVAILABLE",
    says: (why) => `The Docker daemon did not tell how the build ended: ${why}`,
    remedy:
      "Try again; if it recurs, give the build more processor time: resources in SLIPWAY_BUILDER_CONFIG",
  },
  {
    when: /dockerfile parse error|no build stage in current context|Dockerfile cannot be empty|failed to parse dockerfile/i,
    code: "INVALID_REQUEST",
    says: (why) => `The Dockerfile cannot be read: ${why}`,
    remedy: "Correct the Dockerfile",
  },
  {
    when: /failed to parse stage name|invalid reference format|should not be blank|failed to parse platform/,
    code: "INVALID_REQUEST",
    says: (why) => `An image name of the Dockerfile is not legal: ${why}`,
    remedy: "Correct the name in FROM or COPY --from",
  },
  {
    when: /target stage .* could not be found/,
    code: "INVALID_REQUEST",
    says: (why) => `The target is not a stage: ${why}`,
    remedy: "Name a stage of the Dockerfile",
  },
  {
    when: /failed to calculate checksum of ref|failed to compute cache key: .*: not found$|no source files were specified/,
    code: "BUILD_FAILED",
    says: (why, output) => `${instructionOf(output)} failed: ${missingFile(why)} is not there`,
    remedy: "Add the file or correct the instruction; .dockerignore may leave the file out",
  },
  {
    when: /^lstat \/\S*\/buildkit-mount\d+\/.*: no such file or directory$/,
    code: "BUILD_FAILED",
    says: (why, output) =>
      running(`${why.replace(/^lstat \/\S*\/buildkit-mount\d+(.*): no such.*$/, "$1")} is not there`, output),
    remedy: "Correct the path, or add the file to the stage or image that it is copied from",
  },
  {
    when: new RegExp(`(${PULL}).*(toomanyrequests|429 Too Many|TOOMANYREQUESTS)`),
    code: "REGISTRY_UNAVAILABLE",
    says: pulling,
    remedy:
      "In SLIPWAY_BUILDER_CONFIG set pullSecretName to an account with a higher limit, or registryMirrors to a mirror",
  },
  {
    when: new RegExp(
      `pull access denied|(${PULL}).*(unauthorized|insufficient_scope|authorization failed|denied|no basic auth|401|403)`,
      "i",
    ),
    code: "BASE_IMAGE_UNAVAILABLE",
    says: pulling,
    remedy:
      "Check the name; for a private image set pullSecretName in SLIPWAY_BUILDER_CONFIG to a Secret that may pull it",
  },
  {
    when: new RegExp(`(${PULL}).*(x509:|tls: |HTTP response to HTTPS client)`),
    code: "REGISTRY_UNTRUSTED",
    says: pulling,
    remedy:
      "Name the file of its authority's certificate in SLIPWAY_REGISTRY_CA_FILE or, if it speaks plain HTTP, its host in SLIPWAY_PLAIN_HTTP_REGISTRIES",
  },
  {
    when: new RegExp(`(${PULL}).*no such host`),
    code: "BASE_IMAGE_UNAVAILABLE",
    says: pulling,
    remedy:
      "Check the registry's name; where it is not reachable from the cluster, set registryMirrors in SLIPWAY_BUILDER_CONFIG",
  },
  {
    when: new RegExp(
      `(${PULL}).*(dial tcp|i/o timeout|connection re(fused|set)|EOF$|50\\d |TLS handshake timeout)`,
    ),
    code: "REGISTRY_UNAVAILABLE",
    says: pulling,
    remedy: MIRRORS,
  },
  {
    when: new RegExp(`(${PULL}).*(not found|no match for platform|404)|no match for platform in manifest`),
    code: "BASE_IMAGE_UNAVAILABLE",
    says: pulling,
    remedy: "Name an image and tag that exist, for the platform that is built",
  },
];

/** With `mirrorsOnly` nothing answers by this name, and it is asked after the mirrors. */
const NOT_ON_MIRRORS = /registry-1\.docker\.io.*dial tcp/;

/** Says why the client ended: by what it printed, but for a daemon that is gone. */
export function classifyFailure(failure: ContainerFailure, config: DindConfig): BuildError {
  const { exitCode } = failure;
  const details = { exitCode };
  if (exitCode === DAEMON_GONE) return daemonGone(details);
  const output = readOutput(failure);
  const more = {
    ...details,
    ...(output.instruction === undefined ? {} : { instruction: oneLine(output.instruction) }),
    ...(output.line === undefined ? {} : { line: output.line }),
  };
  const why = oneLine(output.failure);
  if (config.mirrorsOnly && NOT_ON_MIRRORS.test(why)) {
    const error = why.replace(/failed to do request: .*$/, "no mirror has it, or none answers");
    return new BuildError("BASE_IMAGE_UNAVAILABLE", pulling(error, output), {
      remedy:
        "Name an image and tag that the mirrors have, or let mirrorsOnly be false in SLIPWAY_BUILDER_CONFIG",
      details: more,
    });
  }
  const rule = RULES.find(({ when }) => when.test(output.failure));
  if (rule !== undefined) {
    return new BuildError(rule.code, rule.says(why, output, config), { remedy: rule.remedy, details: more });
  }
  const text =
    output.instruction === undefined
      ? `Docker ended with exit code ${exitCode}: ${why}`
      : running(why, output);
  return new BuildError("BUILD_FAILED", text, {
    remedy:
      "Mend the instruction, or the files of the context that it names; the output of the build is above",
    details: more,
  });
}

function daemonGone(details: { readonly exitCode: number }): BuildError {
  return new BuildError(
    "BUILDER_UNAVAILABLE",
    "The Docker daemon ended while it built, and the cluster does not say how",
    {
      remedy:
        "Look at the node and its kernel log, and give the daemon more memory: resources in SLIPWAY_BUILDER_CONFIG",
      details,
    },
  );
}

/** `exit code 7`, or why no program ran. */
function endOf(why: string): string {
  const end = why.slice(
    why.lastIndexOf("did not complete successfully: ") + "did not complete successfully: ".length,
  );
  return end.replace(/^exit code: /, "exit code ");
}

/** Without what BuildKit says twice, and without the address. */
function reasonOf(why: string): string {
  return why
    .replace(/^.*failed to resolve source metadata for \S+: /, "")
    .replace(/^failed to do request: /, "");
}

function missingFile(why: string): string {
  return /"([^"]*)": not found$/.exec(why)?.[1] ?? "a file that it names";
}
