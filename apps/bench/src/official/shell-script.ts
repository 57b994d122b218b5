export interface ScriptedProgram {
  readonly entryPoint: string;
  readonly entryPointArgs: readonly string[];
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** `exec env "NAME=value"… program arguments`, as a line of a shell script; the arguments as they come. */
export function execLine({ entryPoint, entryPointArgs, environmentVariables }: ScriptedProgram): string {
  const variables = Object.entries(environmentVariables).map(
    ([name, value]) => `"${name}=${value.replaceAll(/[\\"$`]/g, "\\$&")}"`,
  );
  return ["exec", "env", ...variables, entryPoint, ...entryPointArgs].join(" ");
}
