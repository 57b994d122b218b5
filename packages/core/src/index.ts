export * from "./errors.ts";
export * from "./features.ts";
export * from "./image-builder.ts";
export * from "./plugin.ts";
