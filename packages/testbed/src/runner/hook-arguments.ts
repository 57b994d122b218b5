/**
 * What the runner does to the arguments of a container action before the hook sees them (actions/runner, ContainerActionHandler and
 * HookInput): each is quoted, the line is split at spaces, empty parts are dropped. Spaces in a row are lost here, for good.
 */
export function hookArguments(args: readonly string[]): string[] {
  const line = args.map((arg) => (arg === "" ? ' ""' : ` "${arg.replaceAll('"', '\\"')}"`)).join("");
  return splitAtSpaces(line);
}

/** The same for the single string of `with: args:`, which is passed on as it was written. */
export function splitAtSpaces(line: string): string[] {
  return line
    .split(" ")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
