import { dockerfileDefect } from "./dockerfile-defect.ts";
import { type Instruction, wordsOf } from "./instruction.ts";
import { type Lookup, substitute } from "./substitute.ts";

/**
 * Throws INVALID_REQUEST for values of EXPOSE, STOPSIGNAL, VOLUME and HEALTHCHECK that BuildKit refuses before anything is
 * built. What only the builder can tell passes, and so does ONBUILD: it is looked at by the build that it is for.
 */
export function checkMetadata(instruction: Instruction, variables: Lookup): void {
  switch (instruction.keyword) {
    case "EXPOSE":
      checkPorts(instruction, variables);
      break;
    case "STOPSIGNAL":
      checkSignal(instruction, variables);
      break;
    case "VOLUME":
      checkVolumes(instruction);
      break;
    case "HEALTHCHECK":
      checkHealthcheckOptions(instruction);
      break;
  }
}

/** As `docker run --publish` takes it too: the port is what stands last. */
const PORT = /^(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i;
const LARGEST_PORT = 65_535;

function checkPorts(instruction: Instruction, variables: Lookup): void {
  for (const word of wordsOf(instruction)) {
    // A variable may hold several.
    const ports = substitute(word, variables)?.split(/\s+/) ?? [];
    const bad = ports.find((port) => port !== "" && !isPort(port));
    if (bad === undefined) continue;
    throw dockerfileDefect(
      instruction.startLine,
      `"${bad}" is not a port`,
      "Write PORT, FIRST-LAST, PORT/tcp, PORT/udp or PORT/sctp",
    );
  }
}

function isPort(port: string): boolean {
  const [, first, last = first] = PORT.exec(port) ?? [];
  return first !== undefined && Number(first) <= Number(last) && Number(last) <= LARGEST_PORT;
}

/** The signals of Linux: signal(7). */
const SIGNAL =
  /^(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)$/i;

function checkSignal({ args, startLine }: Instruction, variables: Lookup): void {
  const signal = substitute(args, variables);
  if (signal === undefined || SIGNAL.test(signal) || /^\d*[1-9]\d*$/.test(signal)) return;
  throw dockerfileDefect(
    startLine,
    `"${signal}" is not a signal`,
    "Name one signal, such as SIGTERM, or its number",
  );
}

function checkVolumes(instruction: Instruction): void {
  if (wordsOf(instruction).every((path) => path.trim() !== "")) return;
  throw dockerfileDefect(instruction.startLine, "VOLUME has an empty path", "Name a folder of the image");
}

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 } as const;
const DURATION = /^(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

function checkHealthcheckOptions(instruction: Instruction): void {
  for (const { name, value = "" } of instruction.flags) {
    const good = name === "retries" ? /^\+?\d*$/.test(value) : isInterval(value);
    if (good) continue;
    throw dockerfileDefect(
      instruction.startLine,
      `HEALTHCHECK cannot use --${name}=${value}`,
      name === "retries" ? "Write a number" : "Write a time of at least 1ms, such as 30s or 1m30s",
    );
  }
}

/** Go's durations, of which Docker takes zero and what is at least a millisecond. */
function isInterval(value: string): boolean {
  if (value === "") return true;
  if (!DURATION.test(value)) return false;
  const milliseconds = [...value.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)]
    .map(([, count, unit]) => Number(count) * UNITS[unit as keyof typeof UNITS])
    .reduce((sum, part) => sum + part, 0);
  return milliseconds === 0 || milliseconds >= 1;
}
