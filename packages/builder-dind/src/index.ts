export type { DindConfig } from "./config.ts";
export { builder } from "./plugin.ts";
