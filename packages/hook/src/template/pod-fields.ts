/** What a field of a pod may hold, as far as it matters that a template has it right; Kubernetes checks the rest. */
export type FieldKind = "text" | "number" | "boolean" | "object" | "texts" | "objects" | "map" | "anything";

export type Fields = Readonly<Record<string, FieldKind>>;

/** PodSpec (Kubernetes API reference, "Pod v1 core"). */
export const POD_SPEC_FIELDS: Fields = {
  activeDeadlineSeconds: "number",
  affinity: "object",
  automountServiceAccountToken: "boolean",
  containers: "objects",
  dnsConfig: "object",
  dnsPolicy: "text",
  enableServiceLinks: "boolean",
  ephemeralContainers: "objects",
  hostAliases: "objects",
  hostIPC: "boolean",
  hostNetwork: "boolean",
  hostPID: "boolean",
  hostUsers: "boolean",
  hostname: "text",
  hostnameOverride: "text",
  imagePullSecrets: "objects",
  initContainers: "objects",
  nodeName: "text",
  nodeSelector: "map",
  os: "object",
  overhead: "object",
  preemptionPolicy: "text",
  priority: "number",
  priorityClassName: "text",
  readinessGates: "objects",
  resourceClaims: "objects",
  resources: "object",
  restartPolicy: "text",
  runtimeClassName: "text",
  schedulerName: "text",
  schedulingGates: "objects",
  securityContext: "object",
  serviceAccount: "text",
  serviceAccountName: "text",
  setHostnameAsFQDN: "boolean",
  shareProcessNamespace: "boolean",
  subdomain: "text",
  terminationGracePeriodSeconds: "number",
  tolerations: "objects",
  topologySpreadConstraints: "objects",
  volumes: "objects",
};

/** Container (the same page). */
export const CONTAINER_FIELDS: Fields = {
  args: "texts",
  command: "texts",
  env: "objects",
  envFrom: "objects",
  image: "text",
  imagePullPolicy: "text",
  lifecycle: "object",
  livenessProbe: "object",
  name: "text",
  ports: "objects",
  readinessProbe: "object",
  resizePolicy: "objects",
  resources: "object",
  restartPolicy: "text",
  restartPolicyRules: "objects",
  securityContext: "object",
  startupProbe: "object",
  stdin: "boolean",
  stdinOnce: "boolean",
  terminationMessagePath: "text",
  terminationMessagePolicy: "text",
  tty: "boolean",
  volumeDevices: "objects",
  volumeMounts: "objects",
  workingDir: "text",
};

export const ENV_FIELDS: Fields = { name: "text", value: "text", valueFrom: "object" };

export const MOUNT_FIELDS: Fields = {
  mountPath: "text",
  mountPropagation: "text",
  name: "text",
  readOnly: "boolean",
  recursiveReadOnly: "text",
  subPath: "text",
  subPathExpr: "text",
};

/** A template's own top, of which `apiVersion` and `kind` may say anything. */
export const TEMPLATE_FIELDS: Fields = {
  apiVersion: "anything",
  kind: "anything",
  metadata: "object",
  spec: "object",
};

/** The part of ObjectMeta that a template can set. */
export const METADATA_FIELDS: Fields = { annotations: "map", labels: "map" };

/** The field that somebody meant who wrote `name`; undefined when it is like none of them. */
export function nearestField(name: string, fields: Fields): string | undefined {
  const wanted = name.toLowerCase().replaceAll(/[-_]/g, "");
  const ranked = Object.keys(fields)
    .map((field) => ({ field, distance: editDistance(wanted, field.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  // Two letters may be wrong, and half of a short name's: a field of a later Kubernetes is no misspelling.
  return best !== undefined && best.distance <= Math.min(2, wanted.length / 2) ? best.field : undefined;
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
