import type { Logger } from "@slipway/core";

/** What builders and clients note for themselves is not part of a report. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
