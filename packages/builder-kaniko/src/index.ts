export type { KanikoConfig } from "./config.ts";
export { builder } from "./plugin.ts";
