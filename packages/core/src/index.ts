export { type BytePath, bytePath, isWithin, joinPath, parentPath, textOf } from "./byte-path.ts";
export * from "./cancellation.ts";
export * from "./clock.ts";
export { type ContextFiles, contextFiles, type IncludePath } from "./context/context-files.ts";
export { contextFingerprint } from "./context/context-fingerprint.ts";
export { filePattern, isFilePattern } from "./context/file-pattern.ts";
export * from "./digest.ts";
export { quotedWords } from "./dockerfile/build-variables.ts";
export { type ContextCopy, contextCopies } from "./dockerfile/context-copies.ts";
export { dockerfileDefect } from "./dockerfile/dockerfile-defect.ts";
export { dropIdleFlags } from "./dockerfile/drop-idle-flags.ts";
export { dropIdleStages } from "./dockerfile/drop-idle-stages.ts";
export {
  type BaseImage,
  type DockerfileInspection,
  type FeatureNeed,
  type InspectOptions,
  inspectDockerfile,
  type OutsideSource,
} from "./dockerfile/inspect-dockerfile.ts";
export {
  type Instruction,
  type ParsedDockerfile,
  parseDockerfile,
  wordsOf,
} from "./dockerfile/instruction.ts";
export { sourcesOf } from "./dockerfile/instruction-features.ts";
export {
  type InstructionValues,
  type InstructionValuesOptions,
  instructionValues,
} from "./dockerfile/instruction-values.ts";
export type { KnownPlatforms } from "./dockerfile/own-platform.ts";
export { type PlainModes, withPlainModes } from "./dockerfile/plain-modes.ts";
export {
  type DockerfileOnDisk,
  type ReadDockerfileOptions,
  readDockerfile,
} from "./dockerfile/read-dockerfile.ts";
export { replaceInstruction } from "./dockerfile/replace-instruction.ts";
export { type Stage, type StageOptions, type StageSource, stagesOf } from "./dockerfile/stage-graph.ts";
export {
  type TranslatedDockerfile,
  type TranslateOptions,
  translateDockerfile,
} from "./dockerfile/translate-heredoc.ts";
export * from "./errors.ts";
export * from "./features.ts";
export * from "./image-builder.ts";
export * from "./image-facts.ts";
export * from "./plugin.ts";
export * from "./redact.ts";
export * from "./reference.ts";
export * from "./repository-name.ts";
export * from "./request-features.ts";
export * from "./run-build.ts";
export * from "./support-gate.ts";
