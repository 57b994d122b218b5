export * from "./compare/difference.ts";
export * from "./corpus/corpus-case.ts";
export * from "./run/case-result.ts";
