import type { Logger } from "@slipway/core";

/** Nobody reads it. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
