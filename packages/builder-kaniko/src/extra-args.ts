/**
 * Flags that would move input or output, weaken trust, or leak what the pod knows. `--digest-file=https://…`, for one, makes
 * Kaniko send a request to any address (pkg/executor/push.go).
 */
const FORBIDDEN: readonly RegExp[] = [
  /^(destination|context|context-sub-path|dockerfile|bucket|git|target|build-arg|label|custom-?platform)$/i,
  /^(no-push|no-push-cache|oci-layout-path|tar-?path|digest-file|image-name-.*-file|image-name-with-digest-file)$/i,
  /^(kaniko-dir|force|secret|credential-helpers|image-format|image-download-retry)$/,
  /^(insecure|skip-tls-verify|registry)(-.*)?$/,
  /^(cache|skip-default-registry-fallback)(-.*)?$/,
];

/** The name of the flag when an operator may not set it, because Slipway does or nobody should. */
export function forbiddenFlag(arg: string): string | undefined {
  const [name = ""] = arg.replace(/^--/, "").split("=", 1);
  return FORBIDDEN.some((pattern) => pattern.test(name)) ? name : undefined;
}
