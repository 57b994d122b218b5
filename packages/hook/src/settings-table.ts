/** One environment variable: what an operator can set, in the words that docs/settings.md prints. */
export interface SettingEntry {
  /** What holds when it is not set. */
  readonly default: string;
  /** Meaning, with the unit. */
  readonly meaning: string;
}

const HOST = "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST";

/** ADR 0034's names (actions/runner-container-hooks, docs/adrs/0034): the registry for built images. */
export const REGISTRY_SETTINGS = {
  [HOST]: {
    default: "none: needed for actions with a Dockerfile",
    meaning: "Registry for built images, with a path where the registry wants one: `ghcr.io/OWNER`",
  },
  [`${HOST}_PUSH`]: {
    default: `\`${HOST}\``,
    meaning:
      "The same registry as a pod in the cluster reaches it: `docker-registry.default.svc.cluster.local:5000`",
  },
  [`${HOST}_PULL`]: {
    default: `\`${HOST}\``,
    meaning: "The same registry as a node reaches it: `localhost:31500`",
  },
  ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME: {
    default: "none: push and pull without a password",
    meaning:
      "Secret of type `kubernetes.io/dockerconfigjson` in the runner's namespace, with an entry for the registry",
  },
} as const satisfies Record<string, SettingEntry>;

/** Our own. */
export const SLIPWAY_SETTINGS = {
  SLIPWAY_BUILDER: {
    default: "`kaniko`",
    meaning:
      "Which builder builds Dockerfiles: the id of a built-in one, the absolute path of a file or package, or the name of a package installed beside the hook (docs/builders.md)",
  },
  SLIPWAY_BUILDER_CONFIG: {
    default: "`{}`",
    meaning: "Configuration of the builder: JSON, or the path of a file with JSON",
  },
  SLIPWAY_AGENT_IMAGE: {
    default: "the image of the runner's own container",
    meaning: "Image with Node 20 or newer, in which Slipway moves files and pushes images",
  },
  SLIPWAY_AGENT_NODE: {
    default: "the Node that runs the hook; `node` with `SLIPWAY_AGENT_IMAGE`",
    meaning: "Path of Node in that image",
  },
  SLIPWAY_PLAIN_HTTP_REGISTRIES: {
    default: "none",
    meaning: "Registries, as `host:port` and separated by commas, that may be spoken to without TLS",
  },
  SLIPWAY_REGISTRY_CA_FILE: {
    default: "none",
    meaning: "File on the runner with PEM certificates that registries may use, beside those of the system",
  },
  SLIPWAY_BUILD_TIMEOUT_SECONDS: { default: "3600", meaning: "Longest time for one build, in seconds" },
  SLIPWAY_STEP_TIMEOUT_SECONDS: {
    default: "21600",
    meaning:
      "Longest time for one container step, in seconds; GitHub's own `timeout-minutes` ends it earlier",
  },
  SLIPWAY_JOB_TIMEOUT_SECONDS: {
    default: "432000",
    meaning: "Longest life of a job's pod, in seconds; GitHub's own `timeout-minutes` ends the job earlier",
  },
  SLIPWAY_WORK_PLACEMENT: {
    default: "`auto`: as the runner's own pod has it",
    meaning:
      "Where the work folder of job containers is: `shared`, on the claim that the runner's `_work` lies on, or `copy`, in a volume of the pod that is kept like the runner's",
  },
  SLIPWAY_MAX_CONTEXT_BYTES: { default: "2147483648", meaning: "Largest build context, in bytes" },
  SLIPWAY_MAX_CONTEXT_ENTRIES: { default: "200000", meaning: "Most files and folders in a build context" },
  SLIPWAY_MAX_IMAGE_BYTES: {
    default: "21474836480",
    meaning: "Largest image that is pushed, in bytes, compressed",
  },
  SLIPWAY_LOG_LEVEL: {
    default: "`debug` with `RUNNER_DEBUG=1`, else `warn`",
    meaning: "What Slipway tells of its own doings: `error`, `warn`, `info` or `debug`",
  },
} as const satisfies Record<string, SettingEntry>;

/** Set by the runner, or by ARC on its container. */
export const RUNNER_SETTINGS = {
  ACTIONS_RUNNER_POD_NAME: {
    default: "none: ARC sets it",
    meaning: "Name of the runner's pod; everything made carries it",
  },
  ACTIONS_RUNNER_KUBERNETES_NAMESPACE: {
    default: "the namespace of the service account or of the kube context",
    meaning: "Namespace in which pods are made; the runner's own",
  },
  ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS: {
    default: "600",
    meaning: "Longest time, in seconds, that a pod may take until it runs",
  },
  ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE: {
    default: "none",
    meaning:
      "Absolute path of a YAML file with a pod template, which is merged into the pods of jobs and steps",
  },
  ACTIONS_RUNNER_CLAIM_NAME: {
    default: "the claim in the runner's own pod",
    meaning: "Name of the PersistentVolumeClaim that the runner's `_work` lies on",
  },
  ACTIONS_RUNNER_USE_KUBE_SCHEDULER: {
    default: "`false`",
    meaning:
      "With `true` the pod of a job gets to the runner's node by the scheduler, otherwise by the node's name; only where the work folder is shared",
  },
  ACTIONS_RUNNER_IMAGE: {
    default: "the image of the runner's own container",
    meaning: "Image of the runner; Slipway's own containers use it where the runner's pod cannot be read",
  },
  RUNNER_WORKSPACE: {
    default: "none: the runner sets it",
    meaning: "Folder of the job's repository; its name becomes the image's name",
  },
  RUNNER_TEMP: { default: "none: the runner sets it", meaning: "Temporary folder of the job" },
  GITHUB_WORKSPACE: {
    default: "none: the runner sets it",
    meaning: "Checkout of the job; local actions lie in it",
  },
  RUNNER_DEBUG: { default: "`0`", meaning: "`1` when the job is re-run with debug logging" },
} as const satisfies Record<string, SettingEntry>;

export const ALL_SETTINGS = { ...REGISTRY_SETTINGS, ...SLIPWAY_SETTINGS, ...RUNNER_SETTINGS };
export type SettingName = keyof typeof ALL_SETTINGS;
