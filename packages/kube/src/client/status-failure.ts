import { BuildError, type ErrorCode } from "@slipway/core";
import { missingRule } from "../permissions.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiAnswer } from "./http-attempt.ts";

/** The parts of `metav1.Status` that tell why (API conventions, "Response Status Kind"). */
export interface StatusBody {
  /** "" where the body is no object of the API. */
  readonly kind: string;
  readonly message: string;
  readonly reason: string;
  readonly causes: readonly { readonly field?: string; readonly message?: string }[];
}

/** What was asked, in the words of RBAC. */
export interface Asked {
  readonly verb: "get" | "list" | "create" | "delete";
  /** With subresource: `pods`, `pods/log`, `pods/exec`, … */
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string;
}

interface Rule {
  readonly matches: (answer: ApiAnswer, body: StatusBody) => boolean;
  readonly failure: (answer: ApiAnswer, body: StatusBody, asked: Asked) => ApiFailure;
}

/** Read from the top: the first that matches decides. */
const RULES: readonly Rule[] = [
  { matches: (answer) => answer.status === 401, failure: unauthenticated },
  { matches: (answer, body) => answer.status === 403 && /exceeded quota/.test(body.message), failure: quota },
  // A race of new namespaces and of service accounts that are being made.
  {
    matches: (_answer, body) => /error looking up service account/.test(body.message),
    failure: serviceAccount,
  },
  {
    matches: (answer, body) => answer.status === 403 && /\bcannot \w+ resource\b/.test(body.message),
    failure: permission,
  },
  {
    matches: (_answer, body) =>
      /admission webhook .* denied the request|ValidatingAdmissionPolicy .* denied request/s.test(
        body.message,
      ),
    failure: policy,
  },
  { matches: (answer) => answer.status === 403, failure: policy },
  {
    matches: (answer) => answer.status === 408 || answer.status === 429 || answer.status >= 500,
    failure: busy,
  },
  { matches: (answer, body) => answer.status === 409 && body.reason !== "AlreadyExists", failure: busy },
  { matches: () => true, failure: invalid },
];

/** What an answer that is not a success means. Bodies of objects never appear, only the server's own words. */
export function statusFailure(answer: ApiAnswer, asked: Asked): ApiFailure {
  const body = statusBodyOf(answer.body);
  const rule = RULES.find(({ matches }) => matches(answer, body));
  return (rule?.failure ?? invalid)(answer, body, asked);
}

/** Never throws: proxies answer with HTML, and servers with nothing. */
export function statusBodyOf(body: Buffer): StatusBody {
  const parsed = parseObject(body);
  const details = (parsed["details"] ?? {}) as { causes?: StatusBody["causes"] };
  const plain =
    Object.keys(parsed).length === 0 && !/<html/i.test(body.toString("latin1", 0, 512))
      ? body.toString("utf8")
      : "";
  return {
    kind: typeof parsed["kind"] === "string" ? parsed["kind"] : "",
    message: clip(typeof parsed["message"] === "string" ? parsed["message"] : plain.trim(), 1000),
    reason: typeof parsed["reason"] === "string" ? parsed["reason"] : "",
    causes: Array.isArray(details.causes) ? details.causes : [],
  };
}

function parseObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function unauthenticated(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  return failure("PERMISSION_DENIED", answer, body, {
    message: `the Kubernetes API does not accept the credentials (401) for ${said(asked)}`,
    remedy: "Check the token or certificate: the service account may be gone, or the token expired",
    next: "reauthenticate",
  });
}

function permission(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  const named = /cannot (\w+) resource "([^"]+)"/.exec(body.message);
  const [verb, resource] = [named?.[1] ?? asked.verb, named?.[2] ?? asked.resource];
  const user = /User "([^"]+)"/.exec(body.message)?.[1];
  return failure("PERMISSION_DENIED", answer, body, {
    message: `${user ?? "the service account"} may not ${verb} ${resource} in namespace ${asked.namespace}`,
    remedy: `Add to the Role of the runner's service account, under rules:\n${missingRule(resource, verb)}`,
  });
}

function quota(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  return failure("RESOURCE_EXHAUSTED", answer, body, {
    message: `a quota of namespace ${asked.namespace} is used up: ${body.message}`,
    remedy: "Wait until other pods end, raise the ResourceQuota, or lower the requests of this pod",
    next: "retry",
  });
}

function serviceAccount(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  return failure("INVALID_CONFIG", answer, body, {
    message: `the service account for ${said(asked)} is not there: ${body.message}`,
    remedy: "Create the service account in the namespace, or name another one",
    next: "retry",
  });
}

function policy(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  const level = /violates PodSecurity "([^":]+)/.exec(body.message)?.[1];
  const security = `The namespace enforces Pod Security "${level}": label it pod-security.kubernetes.io/enforce=baseline, or use another`;
  return failure("POLICY_DENIED", answer, body, {
    message: `a policy of the cluster refuses ${said(asked)}: ${body.message || `status ${answer.status}`}`,
    remedy:
      level === undefined
        ? "Ask the administrator of the cluster to allow it, or change the pod so that it complies"
        : security,
  });
}

function busy(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  const text = body.message === "" ? "" : `: ${body.message}`;
  return failure("CLUSTER_UNAVAILABLE", answer, body, {
    message: `the Kubernetes API answers ${said(asked)} with status ${answer.status}${text}`,
    remedy: "Try again later; if it lasts, look at the API server and its admission webhooks",
    next: "retry",
  });
}

function invalid(answer: ApiAnswer, body: StatusBody, asked: Asked): ApiFailure {
  // The server repeats invalid values; those of a Secret are nobody's business.
  const secret = asked.resource === "secrets";
  const causes = body.causes.map(
    ({ field, message }) => `${field ?? "?"}${secret ? "" : `: ${clip(message ?? "", 300)}`}`,
  );
  const text =
    causes.length > 0
      ? causes.join("; ")
      : secret && answer.status === 422
        ? "invalid"
        : clip(body.message, 500);
  return failure("INVALID_CONFIG", answer, body, {
    message: `the Kubernetes API refuses ${said(asked)} with status ${answer.status}${text === "" ? "" : `: ${text}`}`,
    remedy: remedyFor(answer.status),
  });
}

function remedyFor(status: number): string {
  if (status === 404) return "Check that the namespace and the object exist";
  if (status === 409) return "Delete the object of the same name; it is not ours";
  if (status === 413) return "Make the object smaller";
  if (status < 400) return "Check the server address: something other than the Kubernetes API answers there";
  return "Correct the named field; if no setting or template of yours sets it, report it as a defect";
}

interface Wording {
  readonly message: string;
  readonly remedy: string;
  readonly next?: ApiFailure["next"];
}

function failure(code: ErrorCode, answer: ApiAnswer, body: StatusBody, wording: Wording): ApiFailure {
  const details = { status: answer.status, ...(body.reason === "" ? {} : { reason: body.reason }) };
  const error = new BuildError(code, wording.message, { remedy: wording.remedy, details });
  return new ApiFailure(error, wording.next ?? "give-up", retryAfterMs(answer));
}

function retryAfterMs(answer: ApiAnswer): number | undefined {
  const seconds = Number(answer.headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function said(asked: Asked): string {
  return `${asked.verb} ${asked.resource}${asked.name === undefined ? "" : ` "${asked.name}"`}`;
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
