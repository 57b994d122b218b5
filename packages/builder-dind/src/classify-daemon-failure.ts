import { BuildError, type ErrorCode } from "@slipway/core";
import { because, type DaemonFailure } from "@slipway/kube";
import type { DindConfig } from "./config.ts";

interface Rule {
  readonly when: RegExp;
  readonly code: ErrorCode;
  readonly says: (config: DindConfig) => string;
  readonly remedy: string;
}

/** What keeps the daemon from starting, by its last lines. Texts of dockerd 26 to 29, rootlesskit and the images' own script. */
const RULES: readonly Rule[] = [
  {
    when: /dockerd: (not found|command not found|No such file)|exec: .*dockerd.*not found/,
    code: "INVALID_CONFIG",
    says: ({ image }) => `Image ${image} has no Docker daemon`,
    remedy: 'Set "image" in SLIPWAY_BUILDER_CONFIG to one that has it, such as docker:29.2.0-dind',
  },
  {
    when: /don't match any configuration option|unknown flag: /,
    code: "INVALID_CONFIG",
    says: ({ image }) => `The Docker daemon of image ${image} is too old`,
    remedy: 'Set "image" in SLIPWAY_BUILDER_CONFIG to Docker 26 or newer, such as docker:29.2.0-dind',
  },
  {
    when: /no space left on device/,
    code: "RESOURCE_EXHAUSTED",
    says: () => "The node's disk is full",
    remedy: "Give the node more room, or the builder nodes that have it",
  },
  {
    when: /rootlesskit|subuid|newuidmap|unprivileged_userns_clone|max_user_namespaces/,
    code: "INVALID_CONFIG",
    says: () => "Docker cannot run without root on this node",
    remedy:
      'Use a rootless image on nodes where user namespaces and /dev/net/tun are for everyone, or another "variant" in SLIPWAY_BUILDER_CONFIG',
  },
  {
    when: /operation not permitted|permission denied|must be root|needs? to be started with root/i,
    code: "INVALID_CONFIG",
    says: () => "The Docker daemon has not the rights that it needs",
    remedy:
      'Look for a policy or a runtime that takes privileges away, or use another "variant" in SLIPWAY_BUILDER_CONFIG',
  },
];

const LINES = 3;

/** Says why the daemon ended: before it was ready, because it was not ready in time, or while it built. */
export function classifyDaemonFailure(failure: DaemonFailure, config: DindConfig): BuildError {
  const { wasReady, seconds, exitCode, lines } = failure;
  const said = because(lines.slice(-LINES).map(messageOf).join("; "));
  const details = { exitCode };
  if (wasReady) {
    return new BuildError(
      "BUILDER_UNAVAILABLE",
      `The Docker daemon ended while it built, with exit code ${exitCode}${said}`,
      {
        remedy:
          "Try again; if it lasts, look at the node's kernel log, and raise resources in SLIPWAY_BUILDER_CONFIG",
        details,
      },
    );
  }
  const rule = RULES.find(({ when }) => lines.some((line) => when.test(line)));
  if (rule !== undefined) {
    return new BuildError(rule.code, `${rule.says(config)}${said}`, { remedy: rule.remedy, details });
  }
  const late = seconds >= config.startSeconds;
  const what = late
    ? `was not ready within ${config.startSeconds} s`
    : `did not start: it ended with exit code ${exitCode}`;
  return new BuildError("BUILDER_UNAVAILABLE", `The Docker daemon ${what}${said}`, {
    remedy: late
      ? "Give it more time or more of a processor: startSeconds and resources in SLIPWAY_BUILDER_CONFIG"
      : "Mend what it says; its image and the node's kernel have to fit each other",
    details,
  });
}

/** What a line of the daemon's log says, without time and level. */
function messageOf(line: string): string {
  const message = /\bmsg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  const error = /\berror="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  if (message === undefined) return line.trim();
  return error === undefined ? message : `${message}: ${error}`;
}
