import { randomBytes } from "node:crypto";

/** Names of one step's objects, as the official hook forms them: the runner's name, cut, and eight random characters. */
export interface StepNames {
  readonly pod: string;
  readonly secret: string;
}

/** Both have at most 63 characters, as a label's value may. What a Job calls its pod is shortened by Kubernetes itself. */
export function stepNames(runnerPod: string, id: string = randomBytes(4).toString("hex")): StepNames {
  return { pod: `${cut(runnerPod, 49)}-step-${id}`, secret: `${cut(runnerPod, 47)}-secret-${id}` };
}

/** A name that ends with a dash or a dot after the cut would make the whole name odd, and `a.-b` illegal. */
export function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/[-.]+$/, "");
}
