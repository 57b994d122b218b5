import type { StepPlan } from "../container-step/step-pod.ts";

/** The least of a step: no folders, no variables, the image's own program. */
export const plan: StepPlan = {
  name: "arc-step-1",
  secretName: "arc-secret-1",
  image: "busybox",
  imagePullSecrets: [],
  entryPoint: undefined,
  args: [],
  workingDirectory: undefined,
  variables: [],
  placement: { kind: "copy" },
  mounts: [],
  template: undefined,
  folders: { workFolder: "/home/runner/_work", trees: [], mounts: [], worldWritable: [] },
  agent: { image: "runner", node: "node", source: "", imagePullSecrets: [] },
  owner: { runnerPod: "arc" },
  deadlineSeconds: 60,
  receiveSeconds: 60,
};
