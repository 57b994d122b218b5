import type { RequestCounts } from "../call/call-request.ts";

/** What the official hook 0.8.1 itself took on another machine with two cores, and what it asked of the API server there. */
export interface Measured {
  readonly seconds: number;
  /** Without `get pods`: how often it looks depends on how long a pod takes. */
  readonly requests: RequestCounts;
}

const REVIEWS = { "access review": 13 };
const PREPARE = { ...REVIEWS, "list pods": 1, "create pods": 1, exec: 3 };
const SCRIPT = { ...REVIEWS, exec: 7 };
const CONTAINER = { ...REVIEWS, "create pods": 1, exec: 5, "delete pods": 1 };

/** Medians. */
export const MEASURED = {
  prepareSmall: { seconds: 8.17, requests: PREPARE },
  prepareLarge: { seconds: 44.7, requests: PREPARE },
  scriptSmall: { seconds: 1.32, requests: SCRIPT },
  scriptLarge: { seconds: 22.3, requests: SCRIPT },
  containerLarge: { seconds: 74.8, requests: CONTAINER },
  cleanup: { seconds: 0.77, requests: { ...REVIEWS, "list pods": 1, "list secrets": 1, "delete pods": 1 } },
} as const satisfies Record<string, Measured>;
