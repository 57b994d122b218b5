import { type Clock, systemClock } from "@slipway/core";

/** Pods are looked at this often, in milliseconds. */
const SHORTEST_WAIT_MS = 1000;

/**
 * Waits longer between two looks at a pod: with many pods at a time on few cores, nobody waits for one of them, and each look, 10 ms of a
 * processor with the API server and its store, delays the others.
 */
export const patientClock: Clock = {
  now: () => systemClock.now(),
  after: (milliseconds, callback) => systemClock.after(Math.max(milliseconds, SHORTEST_WAIT_MS), callback),
};
