/** One rule of a Role (Kubernetes documentation, "Using RBAC Authorization"). */
export interface Permission {
  readonly apiGroup: "" | "batch";
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Verbs that make something better, without which everything still works. */
  readonly optionalVerbs?: readonly string[];
  readonly why: string;
}

/** All that Slipway asks of the service account of a runner. No watch, update or patch anywhere. */
export const PERMISSIONS: readonly Permission[] = [
  {
    apiGroup: "",
    resource: "pods",
    verbs: ["get", "list", "create", "delete"],
    why: "build and step pods; list finds what a killed run left",
  },
  // The API server asks for `get` when the WebSocket opens, and from 1.35 for `create` as well.
  { apiGroup: "", resource: "pods/exec", verbs: ["get", "create"], why: "moves files into and out of pods" },
  { apiGroup: "", resource: "pods/log", verbs: ["get"], why: "output of builds and steps" },
  {
    apiGroup: "",
    resource: "secrets",
    verbs: ["create", "delete"],
    optionalVerbs: ["get", "list"],
    why: "environment of a step; get checks the registry Secret before a pod is made",
  },
  {
    apiGroup: "batch",
    resource: "jobs",
    verbs: [],
    optionalVerbs: ["get", "list", "create", "delete"],
    why: "runs steps as Jobs; without it they run as bare pods",
  },
];

/** The rule to add to the Role, as YAML, when the API server refused `verb` on `resource` (`pods/exec` for a subresource). */
export function missingRule(resource: string, verb: string): string {
  const known = PERMISSIONS.find((permission) => permission.resource === resource);
  const verbs = new Set([
    ...(known?.verbs ?? []),
    ...(known?.verbs.length === 0 ? (known.optionalVerbs ?? []) : []),
    verb,
  ]);
  return [
    `- apiGroups: ["${known?.apiGroup ?? (resource === "jobs" ? "batch" : "")}"]`,
    `  resources: ["${resource}"]`,
    `  verbs: [${[...verbs].map((name) => `"${name}"`).join(", ")}]`,
  ].join("\n");
}
