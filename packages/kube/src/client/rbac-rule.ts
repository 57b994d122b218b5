/** The rule that a Role lacks, as YAML for its `rules:` (RBAC, kubernetes.io/docs/reference/access-authn-authz/rbac). */
export function rbacRule(group: string, resource: string, verb: string): string {
  return `- {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
}
