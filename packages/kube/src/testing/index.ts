export { apiFor, silentLogger } from "./api-client.ts";
export { ApiServer, type ApiServerOptions } from "./api-server.ts";
export { ContainerLog } from "./container-log.ts";
export { type ExecCall, type ExecHandler, spawnedCommand } from "./exec-endpoint.ts";
export type { Fault, FaultMatch, SeenRequest } from "./fault-script.ts";
export { ManualClock } from "./manual-clock.ts";
export type { StoredObject } from "./object-store.ts";
export { ScriptedPod } from "./scripted-pod.ts";
