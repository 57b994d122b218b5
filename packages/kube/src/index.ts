export { createKubeApi, currentNamespace, type KubeApiOptions } from "./client/client-kube-api.ts";
export { type Clock, sleep, systemClock } from "./clock.ts";
export * from "./kube-api.ts";
export { type FollowLogOptions, followLog } from "./log/follow-log.ts";
