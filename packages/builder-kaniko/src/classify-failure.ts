import { type BaseImage, BuildError, type ErrorCode } from "@slipway/core";
import { type ContainerFailure, oneLine } from "@slipway/kube";
import { type KanikoOutput, readOutput } from "./output-lines.ts";
import type { FindWritten } from "./written-instructions.ts";

/** What is known of the build that failed. */
export interface FailedBuild {
  readonly image: string;
  /** By line, so that a pull that failed can be named by its FROM. */
  readonly baseImages: readonly BaseImage[];
  readonly findWritten: FindWritten;
}

interface Rule {
  readonly when: RegExp;
  readonly code: ErrorCode;
  /** `why` is what Kaniko said, on one line. */
  readonly says: (why: string, output: KanikoOutput, build: FailedBuild) => string;
  readonly remedy: string;
}

const pulling = (why: string, output: KanikoOutput, build: FailedBuild) =>
  `${baseOf(output, build)} cannot be pulled: ${why}`;
const running = (why: string, { instruction = "" }: KanikoOutput, { findWritten }: FailedBuild) => {
  const written = findWritten(instruction);
  if (written !== undefined) return `${oneLine(written.text)} (line ${written.line}) failed: ${why}`;
  return `${instruction === "" ? "The build" : oneLine(instruction)} failed: ${why}`;
};
const SIGKILLED = 137;
const KILLED = "If it was killed for its memory: raise resources.limits.memory in SLIPWAY_BUILDER_CONFIG";

/** The first rule that matches counts: what is certain comes before what is likely. Texts of Kaniko 1.24 and its fork. */
const RULES: readonly Rule[] = [
  {
    when: /^Error: unknown (shorthand )?flag/,
    code: "INVALID_CONFIG",
    says: (why, _, { image }) => `Image ${image} does not know a flag: ${why}`,
    remedy: 'Set "version" to the version of Kaniko in the image, and check "extraArgs"',
  },
  {
    when: /^Error: /,
    code: "INVALID_CONFIG",
    says: (why) => `Kaniko refuses its arguments: ${why}`,
    remedy: 'Check "extraArgs" in SLIPWAY_BUILDER_CONFIG',
  },
  {
    when: /^(panic|fatal error): |Assertion violated/,
    code: "INTERNAL",
    says: (why) => `Kaniko crashed: ${why}`,
    remedy: "Report it to the Kaniko project with the Dockerfile, or try another version",
  },
  {
    when: /no space left on device/,
    code: "RESOURCE_EXHAUSTED",
    says: running,
    remedy: "Give the node or the pod's volumes more room, or make the image smaller",
  },
  {
    when: /waiting for process to exit: signal: killed/,
    code: "BUILD_FAILED",
    says: running,
    remedy: KILLED,
  },
  {
    when: /waiting for process to exit|exit status \d+|starting command:/,
    code: "BUILD_FAILED",
    says: running,
    remedy: "Mend the instruction; what it printed is above",
  },
  {
    // Before what pulls say: the reasons are the same.
    when: /unpacking local tar|downloading remote source file/,
    code: "BUILD_FAILED",
    says: running,
    remedy: "Mend the archive, or the address that ADD downloads from",
  },
  {
    when: /parsing dockerfile|dockerfile parse error|file with no instructions/,
    code: "INVALID_REQUEST",
    says: (why) => `The Dockerfile cannot be read: ${why}`,
    remedy: "Correct the Dockerfile",
  },
  {
    when: /could not parse reference|parsing image name/,
    code: "INVALID_REQUEST",
    says: (why) => `An image name of the Dockerfile is not legal: ${why}`,
    remedy: "Correct the name in FROM or COPY --from",
  },
  {
    when: /failed to get fileinfo for \/kaniko\/(?!input\/)/,
    code: "BUILD_FAILED",
    says: (why) => `A file to copy is not in its stage: ${missingFile(why)}`,
    remedy: "Correct the path in COPY --from, or have the stage make the file",
  },
  {
    when: /failed to get fileinfo for|no source files specified/,
    code: "BUILD_FAILED",
    says: (why) => `A file to copy is not in the context: ${why}`,
    remedy: "Add the file or correct COPY; .dockerignore may leave the file out",
  },
  {
    when: /not a valid target build stage/,
    code: "INVALID_REQUEST",
    says: (why) => `The target is not a stage: ${why}`,
    remedy: "Name a stage of the Dockerfile",
  },
  {
    when: /\bTOOMANYREQUESTS\b|status code 429\b|toomanyrequests/,
    code: "REGISTRY_UNAVAILABLE",
    says: pulling,
    remedy:
      "In SLIPWAY_BUILDER_CONFIG set pullSecretName to an account with a higher limit, or registryMirrors to a mirror",
  },
  {
    when: /\bUNAUTHORIZED\b|\bDENIED\b|status code 40[13]\b|unauthorized/,
    code: "BASE_IMAGE_UNAVAILABLE",
    says: pulling,
    remedy:
      "Check the name; for a private image set pullSecretName in SLIPWAY_BUILDER_CONFIG to a Secret that may pull it",
  },
  {
    when: /MANIFEST_UNKNOWN|NAME_UNKNOWN|status code 404\b|not found on any configured mapped|manifest unknown|no child with platform/,
    code: "BASE_IMAGE_UNAVAILABLE",
    says: pulling,
    remedy: "Name an image and tag that exist, for the platform that is built",
  },
  {
    when: /x509:|tls: |HTTP response to HTTPS client/,
    code: "REGISTRY_UNTRUSTED",
    says: pulling,
    remedy:
      "Name the file of its authority's certificate in SLIPWAY_REGISTRY_CA_FILE or, if it speaks plain HTTP, its host in SLIPWAY_PLAIN_HTTP_REGISTRIES",
  },
  {
    when: /no such host/,
    code: "BASE_IMAGE_UNAVAILABLE",
    says: pulling,
    remedy:
      "Check the registry's name; where it is not reachable from the cluster, set registryMirrors or registryMap in SLIPWAY_BUILDER_CONFIG",
  },
  {
    when: /dial tcp|i\/o timeout|connection re(fused|set)|EOF$|unexpected status code 5\d\d|server misbehaving|TLS handshake timeout/,
    code: "REGISTRY_UNAVAILABLE",
    says: pulling,
    remedy:
      "Try again; where the registry is not reachable from the cluster, set registryMirrors or registryMap in SLIPWAY_BUILDER_CONFIG",
  },
  {
    when: /failed to get filesystem from image.*(operation not permitted|permission denied)/,
    code: "INVALID_CONFIG",
    says: (why) => `Kaniko may not unpack the base image: ${why}`,
    remedy: 'Leave "capabilities" at its default, or add the one that is missing',
  },
  {
    when: /chown .*: invalid argument/,
    code: "INVALID_CONFIG",
    says: (why) => `The base image has users outside the pod's range: ${why}`,
    remedy: "Give pods more user IDs, or do without user namespaces",
  },
  {
    when: /failed to get files(ystem)? |failed to execute command|copy failed|no such file or directory/,
    code: "BUILD_FAILED",
    says: running,
    remedy: "Mend the instruction, or the files of the context that it names",
  },
];

/** Says why the container `build` failed: by what it printed, since its exit code only repeats that of the last RUN. */
export function classifyFailure(failure: ContainerFailure, build: FailedBuild): BuildError {
  const output = readOutput(failure);
  const rule = RULES.find(({ when }) => when.test(answerOf(output)));
  const written = build.findWritten(output.instruction ?? "");
  const instruction = written?.text ?? output.instruction;
  const details = {
    exitCode: failure.exitCode,
    ...(instruction === undefined ? {} : { instruction: oneLine(instruction) }),
    ...(written === undefined ? {} : { line: written.line }),
  };
  if (rule === undefined) {
    const last = reasonOf(output.failure);
    return new BuildError(
      "BUILD_FAILED",
      `Kaniko ended with exit code ${failure.exitCode}${last === "" ? "" : `: ${last}`}`,
      {
        remedy: failure.exitCode === SIGKILLED ? KILLED : "Look at the output of the build above",
        details,
      },
    );
  }
  return new BuildError(rule.code, rule.says(why(output, failure), output, build), {
    remedy: rule.remedy,
    details,
  });
}

/** Where Kaniko keeps what it needs of stages: /kaniko/NUMBER/path or /kaniko/IMAGE/path. */
function missingFile(why: string): string {
  const [, stage, path] = /fileinfo for \/kaniko\/([^/]+)(\/\S*?):/.exec(why) ?? [];
  if (stage === undefined) return why;
  return `${path} of ${/^\d+$/.test(stage) ? `stage ${stage}` : stage}`;
}

// A mirror that lacks the image explains more than the registry that is asked next and may not even be reachable.
const MIRROR_LACKS = /MANIFEST_UNKNOWN|NAME_UNKNOWN|UNAUTHORIZED|DENIED/;

function answerOf({ failure, mirrors }: KanikoOutput): string {
  const answer = mirrors.findLast((text) => MIRROR_LACKS.test(text));
  return answer !== undefined && /dial tcp|i\/o timeout/.test(failure) ? answer : failure;
}

function why(output: KanikoOutput, { exitCode }: ContainerFailure): string {
  if (/waiting for process to exit: exit status \d+/.test(output.failure)) return `exit code ${exitCode}`;
  const mirrors =
    output.mirrors.length === 0 ? "" : ` (mirror ${withoutFrames(output.mirrors.at(-1) ?? "")})`;
  return oneLine(`${reasonOf(output.failure)}${mirrors}`);
}

/** Without the frames that Kaniko puts around a reason, and without our own paths. */
function reasonOf(text: string): string {
  const reason = text.replace(
    /^Error: |^error [a-z ]+: (error building stage: )?(failed to execute command: )?/,
    "",
  );
  return oneLine(withoutFrames(reason));
}

function withoutFrames(text: string): string {
  return text
    .replace(/unable to complete operation after \d+ attempts, last error: /, "")
    .replace(/; (map)?\[.*$/, "")
    .replaceAll("/kaniko/input/context/", "");
}

function baseOf({ image }: KanikoOutput, { baseImages }: FailedBuild): string {
  if (image === undefined) return "A base image";
  const base = baseImages.find((candidate) => candidate.image === image);
  return base === undefined ? `Image ${oneLine(image)}` : `Image ${oneLine(image)} of line ${base.line}`;
}
