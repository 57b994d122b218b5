// Stand-ins for seams of architecture.md that their packages do not export yet. Goes away with them.
import type { BuilderPlugin } from "@slipway/core";

export interface PodOwner {
  readonly runnerPod: string;
  readonly uid?: string;
}
export interface AgentRuntime {
  readonly image: string;
  readonly node: string;
  readonly source: string;
  readonly imagePullSecrets: readonly string[];
}
export const builder = undefined as unknown as BuilderPlugin;
