import type { ConformanceCase } from "../conformance-case.ts";
import { authCases } from "./auth-cases.ts";
import { buildCases } from "./build-cases.ts";
import { cancelCases } from "./cancel-cases.ts";
import { contractCases } from "./contract-cases.ts";
import { failureCases } from "./failure-cases.ts";
import { honestyCases } from "./honesty-cases.ts";
import { isolationCases } from "./isolation-cases.ts";
import { pruneCases } from "./prune-cases.ts";
import { requestCases } from "./request-cases.ts";
import { secretCases } from "./secret-cases.ts";
import { stepCases } from "./step-cases.ts";

/** Every behaviour case, in the order in which they run: what is broken from the ground up is told first. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...contractCases,
  ...buildCases,
  ...requestCases,
  ...authCases,
  ...stepCases,
  ...failureCases,
  ...cancelCases,
  ...secretCases,
  ...isolationCases,
  ...pruneCases,
  ...honestyCases,
];
