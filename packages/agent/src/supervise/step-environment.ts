import type { StepCommand } from "@slipway/step-protocol";

/** What containerd and Docker give a container whose image names none; the search needs one. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Environment = Readonly<Record<string, string>>;

/** The container's own variables, the given ones over them, and in front of PATH what earlier steps added. */
export function stepEnvironment(container: Environment, command: StepCommand): Environment {
  const merged: Environment = { ...container, ...command.environment };
  if (command.prependPath.length === 0) return merged;
  return { ...merged, PATH: [...command.prependPath, merged["PATH"] || DEFAULT_PATH].join(":") };
}
