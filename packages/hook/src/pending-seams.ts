// Stand-ins for seams of architecture.md that their packages do not export yet. Goes away with them.
import type { BuilderPlugin } from "@slipway/core";

export const builder = undefined as unknown as BuilderPlugin;
