import type { V1Container, V1VolumeMount } from "@kubernetes/client-node";
import { type AgentRuntime, agentImage, literal } from "@slipway/kube";
import { WORK_VOLUME } from "../cluster/work-volume.ts";
import { AGENT_FILE, WORK_ROOT } from "../container-step/step-pod.ts";

/** Agent, Node, libraries and externals for the containers of the workflow. */
export const RUNTIME_VOLUME = "runtime";
const RUNTIME_ROOT = "/slipway-runtime";

export interface JobAgentPlan {
  readonly agent: AgentRuntime;
  /** The runner's externals in the agent's image. */
  readonly externals: string;
  /** Sub paths of the pod's own work volume that have to be there; undefined where the pod has none. */
  readonly ownWork: readonly string[] | undefined;
}

/** The first container: puts agent, Node and its libraries where the others find them. */
export function installContainer(plan: JobAgentPlan): V1Container {
  const work = (plan.ownWork ?? []).map((path) => `${WORK_ROOT}/${path}`);
  const options = JSON.stringify({ runtime: RUNTIME_ROOT, folders: [`${RUNTIME_ROOT}/externals`, ...work] });
  return {
    ...agentContainer(plan, "install"),
    command: [plan.agent.node, "-e", literal(plan.agent.source), "install", literal(options)],
  };
}

/** The hook's partner: has steps run in the job's container, and keeps what they print until the hook has it. */
export function syncContainer(plan: JobAgentPlan): V1Container {
  const options = JSON.stringify({
    externals: plan.externals,
    runtime: RUNTIME_ROOT,
    ...(plan.ownWork === undefined ? {} : { work: WORK_ROOT }),
  });
  return {
    ...agentContainer(plan, "sync"),
    command: [plan.agent.node, AGENT_FILE, "serve", literal(options)],
  };
}

function agentContainer({ agent, ownWork }: JobAgentPlan, name: string): V1Container {
  const workMount: V1VolumeMount[] =
    ownWork === undefined ? [] : [{ name: WORK_VOLUME, mountPath: WORK_ROOT }];
  return {
    name,
    ...agentImage(agent),
    workingDir: "/",
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "512Mi" } },
    // Files of any user must be read, and given to the job's: these three are what Pod Security `baseline` allows for it.
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["CHOWN", "DAC_OVERRIDE", "FOWNER"] },
      // Not for the whole pod: containers of the workflow keep what the cluster gives to any container.
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [
      { name: "agent", mountPath: "/slipway" },
      { name: RUNTIME_VOLUME, mountPath: RUNTIME_ROOT },
      ...workMount,
    ],
  };
}
