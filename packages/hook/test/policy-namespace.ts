import {
  hookEnvironment,
  loadTestbed,
  makeTestNamespace,
  PodRunner,
  type Testbed,
  type TestNamespace,
} from "@slipway/testbed";
import { HOOK_BUNDLE } from "./cluster-runner.ts";

/** Verbs by resource, as in a Role (Kubernetes documentation, "Using RBAC Authorization"). */
export type Rights = Readonly<Record<string, readonly string[]>>;

/** Exactly what ARC's chart grants in `kubernetes` mode. */
export const ARC_RIGHTS: Rights = {
  pods: ["get", "list", "create", "delete"],
  "pods/exec": ["get", "create"],
  "pods/log": ["get", "list", "watch"],
  jobs: ["get", "list", "create", "delete"],
  secrets: ["get", "list", "create", "delete"],
};

/** A namespace of these tests alone, so that its rules and its end disturb nobody. */
export class PolicyNamespace {
  readonly testbed: Testbed;
  readonly name: string;
  readonly #namespace: TestNamespace;

  private constructor(testbed: Testbed, namespace: TestNamespace) {
    this.testbed = testbed;
    this.name = namespace.name;
    this.#namespace = namespace;
  }

  static async make(): Promise<PolicyNamespace> {
    const testbed = await loadTestbed();
    const registrySecrets = [testbed.registrySecret];
    const options = { prefix: "slipway-policy", podSecurity: "privileged", registrySecrets } as const;
    return new PolicyNamespace(testbed, await makeTestNamespace(testbed, options));
  }

  remove(): Promise<void> {
    return this.#namespace.remove();
  }

  /** A runner with the hook, whose service account has these rights; `name` is that of its pod too. */
  async runner(
    name: string,
    rights: Rights,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PodRunner> {
    await this.apply(...accountObjects(name, this.name, rights));
    await this.testbed.createRunnerPod({ name, serviceAccount: name, namespace: this.name });
    const { kubectl, kubeconfig } = this.testbed;
    const env = { ...hookEnvironment(this.testbed), ...settings };
    const options = { kubectl, kubeconfig, namespace: this.name, pod: name, hook: HOOK_BUNDLE, env };
    const runner = new PodRunner(options);
    await runner.install();
    return runner;
  }

  /** The builder's settings of the test bed with changes. */
  builderConfig(changes: object): Record<string, string> {
    const config = JSON.parse(hookEnvironment(this.testbed)["SLIPWAY_BUILDER_CONFIG"] ?? "{}") as object;
    return { SLIPWAY_BUILDER_CONFIG: JSON.stringify({ ...config, ...changes }) };
  }

  async apply(...items: object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await this.testbed.runKubectl(["apply", "-f", "-"], { input: list });
  }
}

function accountObjects(name: string, namespace: string, rights: Rights): object[] {
  const metadata = { name, namespace };
  const apiGroup = "rbac.authorization.k8s.io";
  const granted = Object.entries(rights).filter(([, verbs]) => verbs.length > 0);
  const rules = granted.map(([resource, verbs]) => ({
    apiGroups: [resource === "jobs" ? "batch" : ""],
    resources: [resource],
    verbs,
  }));
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: `${apiGroup}/v1`, kind: "Role", metadata, rules },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}
