export * from "./digest.ts";
export * from "./errors.ts";
export * from "./features.ts";
export * from "./image-builder.ts";
export * from "./image-facts.ts";
export * from "./plugin.ts";
export * from "./reference.ts";
export * from "./repository-name.ts";
