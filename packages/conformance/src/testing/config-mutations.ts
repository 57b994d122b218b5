import type { TestImageRecipe } from "@slipway/registry/testing";
import { type Mutation, mutation } from "./mutation.ts";
import { SUBJECT, withConfig } from "./mutation-subject.ts";

const { Labels, Healthcheck } = SUBJECT.config.config;

function beside(fields: Readonly<Record<string, unknown>>): TestImageRecipe {
  return { ...SUBJECT, config: { ...SUBJECT.config, ...fields } };
}

/** Changes of the config file: of what an image is when it runs. */
export const CONFIG_MUTATIONS: readonly Mutation[] = [
  mutation("the order of variables", withConfig({ Env: ["A=1", "PATH=/bin", "B=2"] }), "config:Env-order"),
  mutation("a variable's value", withConfig({ Env: ["PATH=/bin", "A=2", "B=2"] }), "config:Env.A"),
  mutation("a variable less", withConfig({ Env: ["PATH=/bin", "A=1"] }), "config:Env.B"),
  mutation("a variable more", withConfig({ Env: ["PATH=/bin", "A=1", "B=2", "C=3"] }), "config:Env.C"),
  mutation("a variable twice", withConfig({ Env: ["PATH=/bin", "A=1", "B=2", "A=1"] }), "config:Env-order"),
  mutation("no variables", withConfig({ Env: null }), ["config:Env.PATH", "config:Env.A", "config:Env.B"]),
  mutation("a label's value", withConfig({ Labels: { ...Labels, a: "2" } }), "config:Labels.a"),
  mutation("a label less", withConfig({ Labels: { a: "1" } }), "config:Labels.b"),
  mutation("the user", withConfig({ User: "1000" }), "config:User"),
  mutation("no user", withConfig({ User: "" }), "config:User"),
  mutation("an argument", withConfig({ Cmd: ["serve", "--port", "81"] }), "config:Cmd"),
  mutation("the order of arguments", withConfig({ Cmd: ["serve", "80", "--port"] }), "config:Cmd"),
  mutation("arguments joined", withConfig({ Cmd: ["serve --port 80"] }), "config:Cmd"),
  mutation("the entry point", withConfig({ Entrypoint: null }), "config:Entrypoint"),
  mutation("the working directory", withConfig({ WorkingDir: "/" }), "config:WorkingDir"),
  mutation("a slash after it", withConfig({ WorkingDir: "/app/" }), "config:WorkingDir"),
  mutation("a port's protocol", withConfig({ ExposedPorts: { "80/tcp": {}, "53/tcp": {} } }), [
    "config:ExposedPorts.53/udp",
    "config:ExposedPorts.53/tcp",
  ]),
  mutation("a volume less", withConfig({ Volumes: {} }), "config:Volumes./data"),
  mutation("the stop signal", withConfig({ StopSignal: "SIGTERM" }), "config:StopSignal"),
  mutation("the shell", withConfig({ Shell: ["/bin/bash", "-c"] }), "config:Shell"),
  mutation("a trigger less", withConfig({ OnBuild: [] }), "config:OnBuild"),
  mutation(
    "the health check's interval",
    withConfig({ Healthcheck: { ...Healthcheck, Interval: 1 } }),
    "config:Healthcheck.Interval",
  ),
  mutation(
    "a number that is text",
    withConfig({ Healthcheck: { ...Healthcheck, Retries: "3" } }),
    "config:Healthcheck.Retries",
  ),
  mutation("a field that nobody knows", withConfig({ Extra: 1 }), "config:Extra"),
  mutation("the architecture", beside({ architecture: "arm64" }), "config:architecture"),
  mutation("the variant", beside({ variant: "v3" }), "config:variant"),
  mutation("the author, where asked", beside({ author: "builder" }), "config:author", { author: "exact" }),
];
