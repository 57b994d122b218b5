import type { ContainerFailure } from "@slipway/kube";

/** What the executor itself said, as far as it can be told from what RUN printed: for messages only, never for a verdict that matters. */
export interface KanikoOutput {
  /** The line with which the executor gave up; the last line printed when there is none. */
  readonly failure: string;
  /** The instruction that was being carried out. */
  readonly instruction: string | undefined;
  /** The image that was being pulled last. */
  readonly image: string | undefined;
  /** What mirrors answered. */
  readonly mirrors: readonly string[];
}

const INSTRUCTION =
  /^(?:INFO\[\d+\] )((?:RUN|COPY|ADD|WORKDIR|USER|ENV|VOLUME|EXPOSE|SHELL|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD|LABEL|ARG) .*)$/;
const IMAGE = /^INFO\[\d+\] (?:Retrieving image manifest|Base image from cache|Retrieving image) (\S+)/;
const MIRROR = /^WARN\[\d+\] Failed to retrieve image \S+ from remapped registry (\S+): (.*?)\. Will try/;
// The executor prints usage after a bad call. An `Error: ` without it is some program's of a RUN.
const BAD_CALL = /^Error: /;
const USAGE = /^Usage:/;
// It looks for the files before it says for which instruction.
const BEFORE_ITS_TURN = /failed to get files used from context/;
const GAVE_UP =
  /^(error (building|pushing|checking|resolving|changing)|kaniko should only be run|panic: |fatal error: |FATA\[)/;

export function readOutput({ lines }: ContainerFailure): KanikoOutput {
  const plain = lines.map(withoutColour);
  const failure = plain.findLast((line) => GAVE_UP.test(line)) ?? badCall(plain);
  return {
    failure: (failure ?? plain.findLast((line) => line.trim() !== "") ?? "").trim(),
    instruction: BEFORE_ITS_TURN.test(failure ?? "") ? undefined : lastMatch(plain, INSTRUCTION),
    image: lastMatch(plain, IMAGE),
    mirrors: plain.flatMap((line) => {
      const [, host, answer] = MIRROR.exec(line) ?? [];
      return host === undefined ? [] : [`${host}: ${answer}`];
    }),
  };
}

function badCall(lines: readonly string[]): string | undefined {
  return lines.find((line, index) => BAD_CALL.test(line) && USAGE.test(lines[index + 1] ?? ""));
}

/** Lines of the executor itself: they tell what it was doing, however much a RUN prints after them. */
export function isExecutorLine(line: string): boolean {
  return /^(INFO|WARN)\[\d+\] /.test(withoutColour(line));
}

function lastMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  const line = lines.findLast((candidate) => pattern.test(candidate));
  return line === undefined ? undefined : pattern.exec(line)?.[1];
}

function withoutColour(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  return line.replace(/\u001b\[[0-9;]*m/g, "");
}
