export { checkFacts } from "./compare/check-facts.ts";
export { compareConfigs } from "./compare/compare-configs.ts";
export { compareFiles } from "./compare/compare-files.ts";
export { compareImages } from "./compare/compare-images.ts";
export * from "./compare/compare-policy.ts";
export * from "./compare/difference.ts";
export { contextDigest } from "./corpus/context-digest.ts";
export * from "./corpus/corpus-case.ts";
export { corpusDigest } from "./corpus/corpus-digest.ts";
export { countFacts } from "./corpus/count-facts.ts";
export { CORPUS_FOLDER, listCases, loadCase, loadCorpus } from "./corpus/load-corpus.ts";
export { materialiseContext, needsRoot } from "./corpus/materialise-context.ts";
export { parseCase } from "./corpus/parse-case.ts";
export { type CaseFilter, profileOf, type Shard, selectCases } from "./corpus/select-cases.ts";
export type { BuilderConfig, ConfigGiven } from "./kit/builder-config.ts";
export { CONFORMANCE_CASES } from "./kit/cases/all-cases.ts";
export { ABILITIES, type Ability, AREAS, type Area, type ConformanceCase } from "./kit/conformance-case.ts";
export type * from "./kit/kit-host.ts";
export { type KitOptions, KitRun } from "./kit/kit-run.ts";
export { type CaseOutcome, OUTCOMES, type Outcome } from "./kit/outcome.ts";
export { caseDestination } from "./run/case-destination.ts";
export * from "./run/case-host.ts";
export * from "./run/case-result.ts";
export {
  type ImageInspector,
  type ImageInspectorOptions,
  imageInspector,
  type SecondOpinions,
} from "./run/image-inspector.ts";
export { type RunCaseOptions, runCase } from "./run/run-case.ts";
export {
  type SecondOpinionOptions,
  secondOpinion,
  whyNoSecondOpinion,
} from "./second-opinion/second-opinion.ts";
