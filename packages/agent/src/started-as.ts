/** How this process was started. */
export interface Start {
  readonly command: string | undefined;
  readonly options: string | undefined;
  /** The program, where it was given as an argument; undefined where it is a file. */
  readonly evaluated: string | undefined;
}

/** `node -e SOURCE COMMAND OPTIONS` puts the command where `node FILE COMMAND OPTIONS` has the file. */
export function startedAs(argv: readonly string[], execArgv: readonly string[]): Start {
  const at = execArgv.indexOf("-e");
  const evaluated = at < 0 ? undefined : execArgv[at + 1];
  const [command, options] = argv.slice(evaluated === undefined ? 2 : 1);
  return { command, options, evaluated };
}
