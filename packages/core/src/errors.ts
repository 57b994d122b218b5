/** Who can mend it. Decides the wording of the last line, never the exit code. */
export type Blame = "request" | "operator" | "infrastructure" | "builder" | "caller";

/** Every way in which a build or a step can fail: a closed list, because tests, docs and retries are written per code. */
export const ERROR_CODES = {
  INVALID_REQUEST: {
    blame: "request",
    retryable: false,
    meaning: "what was asked for cannot be built or run as it stands",
  },
  UNSUPPORTED_FEATURE: {
    blame: "request",
    retryable: false,
    meaning: "the Dockerfile or the request needs something this builder does not have",
  },
  CONTEXT_UNAVAILABLE: {
    blame: "request",
    retryable: false,
    meaning: "the files to send are missing, too many, too large, or change while they are read",
  },
  BASE_IMAGE_UNAVAILABLE: {
    blame: "request",
    retryable: false,
    meaning: "an image named by FROM or COPY --from cannot be pulled",
  },
  BUILD_FAILED: { blame: "request", retryable: false, meaning: "an instruction of the Dockerfile failed" },
  TIMED_OUT: { blame: "request", retryable: false, meaning: "a time limit ran out" },
  INVALID_CONFIG: { blame: "operator", retryable: false, meaning: "a setting is missing or malformed" },
  PERMISSION_DENIED: {
    blame: "operator",
    retryable: false,
    meaning: "the service account lacks a permission",
  },
  POLICY_DENIED: {
    blame: "operator",
    retryable: false,
    meaning: "an admission policy, such as Pod Security, refuses the object",
  },
  REGISTRY_DENIED: {
    blame: "operator",
    retryable: false,
    meaning: "the registry refuses the credential or the repository",
  },
  REGISTRY_UNTRUSTED: {
    blame: "operator",
    retryable: false,
    meaning: "the registry cannot be reached securely: TLS, or plain HTTP that nobody allowed",
  },
  RESOURCE_EXHAUSTED: { blame: "operator", retryable: false, meaning: "memory, disk or a quota ran out" },
  IMAGE_UNAVAILABLE: {
    blame: "operator",
    retryable: false,
    meaning: "the node cannot pull the image of a pod",
  },
  UNSCHEDULABLE: { blame: "infrastructure", retryable: true, meaning: "no node takes the pod" },
  REGISTRY_UNAVAILABLE: {
    blame: "infrastructure",
    retryable: true,
    meaning: "the registry does not answer, or answers 429 or 5xx",
  },
  CLUSTER_UNAVAILABLE: {
    blame: "infrastructure",
    retryable: true,
    meaning: "the Kubernetes API does not answer",
  },
  POD_LOST: {
    blame: "infrastructure",
    retryable: true,
    meaning: "the pod was evicted or deleted, or its node is gone",
  },
  BUILDER_UNAVAILABLE: { blame: "infrastructure", retryable: true, meaning: "the builder cannot start" },
  CANCELLED: { blame: "caller", retryable: false, meaning: "the job was cancelled" },
  RESULT_UNVERIFIED: {
    blame: "builder",
    retryable: false,
    meaning: "the image in the registry is not the one the builder reported",
  },
  INTERNAL: { blame: "builder", retryable: false, meaning: "a defect in Slipway or in the builder" },
} as const satisfies Record<string, { blame: Blame; retryable: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Scalars only, so that an error always serialises. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

export interface BuildErrorOptions {
  /** What to do about it: one sentence in the imperative, for the person `blame` names. */
  readonly remedy?: string | undefined;
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
}

// A global symbol: a plugin may carry its own copy of this package, and then
// `instanceof` is false for an error that is ours in every other respect.
const brand = Symbol.for("@slipway/core:BuildError");

/** The only error that leaves a package of ours. `message` is one sentence that tells the cause, without a stack and without JSON. */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: BuildErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.details = options.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }

  get blame(): Blame {
    return ERROR_CODES[this.code].blame;
  }

  /** Whether the same request may succeed later, on another node or with another attempt. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }

  toJSON(): object {
    const { name, code, blame, retryable, message, remedy, details } = this;
    return { name, code, blame, retryable, message, remedy, details };
  }
}

/** True for a BuildError of any copy of this package. */
export function isBuildError(value: unknown): value is BuildError {
  return typeof value === "object" && value !== null && brand in value;
}

/** Everything that leaves the core is a BuildError; a foreign error is a defect, and says so. */
export function toBuildError(value: unknown): BuildError {
  if (isBuildError(value)) return value;
  const message = value instanceof Error ? value.message : String(value);
  return new BuildError("INTERNAL", message, {
    remedy: "Report it with this line and the debug log; it is a defect, not a setting",
    cause: value,
  });
}
