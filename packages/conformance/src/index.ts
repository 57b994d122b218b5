export * from "./compare/difference.ts";
export * from "./corpus/corpus-case.ts";
