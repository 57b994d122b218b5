import { join } from "node:path";
import type { AgentPlaces } from "./command-options.ts";

export function agentHome({ home = "/slipway" }: AgentPlaces): string {
  return home;
}

/** Exists once everything was unpacked and proven. */
export function receivedMark(home: string): string {
  return join(home, "received");
}

/** Where `serve` listens for `session`. */
export function sessionSocket(home: string): string {
  return join(home, "serve.sock");
}
