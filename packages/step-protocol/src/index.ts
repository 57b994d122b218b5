export * from "./frame-reader.ts";
export * from "./frames.ts";
export * from "./message-codec.ts";
export * from "./messages.ts";
export * from "./tree-frames.ts";
export * from "./wire-error.ts";
