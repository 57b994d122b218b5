import {
  BuildError,
  type BuildRequest,
  type InstructionValues,
  instructionValues,
  parseDockerfile,
  replaceInstruction,
} from "@slipway/core";
import { appendLabels } from "./append-labels.ts";
import { exposedPorts } from "./exposed-ports.ts";
import { moveVolumes } from "./move-volumes.ts";

/** Kaniko's parser, too, reads no more in one line. */
const MAX_LINE_BYTES = 65_535;

/**
 * Rewrites metadata that Kaniko takes for something else, into what means the same to it: ports, volumes that RUN writes into,
 * labels of the request. Lines keep their numbers, but for those that move behind an instruction at the end of a stage. Throws
 * UNSUPPORTED_FEATURE, with line and cure, for what has no other form and would go wrong without a word.
 */
export function adaptMetadata(
  dockerfile: string,
  request: Pick<BuildRequest, "buildArgs" | "labels" | "target">,
): string {
  assertEscapes(dockerfile);
  const rows = dockerfile.split("\n");
  for (const values of instructionValues(dockerfile, request)) {
    const line = values.instruction.keyword === "EXPOSE" ? adaptedExpose(values) : undefined;
    if (line !== undefined) replaceInstruction(rows, values.instruction, line);
  }
  return appendLabels(moveVolumes(rows.join("\n"), request), request);
}

/** Kaniko makes one port of a range, and of several in one variable; SCTP it does not know. */
function adaptedExpose({ instruction: { args, startLine }, values }: InstructionValues): string | undefined {
  const ports = values.map((value) => (value === undefined ? undefined : exposedPorts(value)));
  const known = ports.flatMap((some) => some ?? []);
  if (known.some((port) => port.endsWith("/sctp"))) {
    throw unsupported(
      startLine,
      `Kaniko cannot expose a port for SCTP, as line ${startLine} of the Dockerfile does`,
      "Leave it out: EXPOSE only tells people",
    );
  }
  if (ports.includes(undefined)) return undefined;
  const line = `EXPOSE ${known.join(" ")}`;
  if (line.length > MAX_LINE_BYTES) {
    throw unsupported(
      startLine,
      `Kaniko needs each port of EXPOSE ${args}, line ${startLine} of the Dockerfile, by itself, and they are too many`,
      "Expose fewer ports",
    );
  }
  return line === `EXPOSE ${args}` ? undefined : line;
}

/** Where Docker replaces variables, and Kaniko does so with the backslash whatever the directive says. */
const REPLACING = ["ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"];

function assertEscapes(dockerfile: string): void {
  const { directives, instructions } = parseDockerfile(dockerfile);
  if (directives.find(({ name }) => name === "escape")?.value !== "`") return;
  const odd = instructions.find(({ keyword, args }) => REPLACING.includes(keyword) && /[\\`]/.test(args));
  if (odd === undefined) return;
  throw unsupported(
    odd.startLine,
    `Kaniko takes the backslash for the escape character in ${odd.keyword}, line ${odd.startLine} of the Dockerfile, although "# escape=" names another`,
    "Remove the directive, and escape with backslashes",
  );
}

function unsupported(line: number, cause: string, remedy: string): BuildError {
  return new BuildError("UNSUPPORTED_FEATURE", cause, { remedy, details: { line } });
}
