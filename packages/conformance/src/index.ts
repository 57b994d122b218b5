export * from "./compare/difference.ts";
export { contextDigest } from "./corpus/context-digest.ts";
export * from "./corpus/corpus-case.ts";
export { corpusDigest } from "./corpus/corpus-digest.ts";
export { CORPUS_FOLDER, listCases, loadCase, loadCorpus } from "./corpus/load-corpus.ts";
export { materialiseContext, needsRoot } from "./corpus/materialise-context.ts";
export { parseCase } from "./corpus/parse-case.ts";
export { type CaseFilter, profileOf, type Shard, selectCases } from "./corpus/select-cases.ts";
export * from "./run/case-result.ts";
