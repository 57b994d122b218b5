/**
 * The words that run a script by the interpreter of its `#!` line, as the kernel does: one word and at most one argument
 * (execve(2), "Interpreter scripts"). Docker puts the script into a file outside of the image; so does this, in /dev/shm,
 * which no layer holds. Undefined for a first line that names no interpreter.
 */
export function interpreterCommand(name: string, script: string): readonly string[] | undefined {
  const match = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t]*(?:\n|$)/.exec(script);
  const [, interpreter, argument = ""] = match ?? [];
  if (interpreter === undefined || !/^[\w.-]+$/.test(name)) return undefined;
  const words = [interpreter, ...(argument === "" ? [] : [argument])].map(quoted).join(" ");
  const launcher = `f=/dev/shm/$0.$$; printf %s "$1" > "$f" || exit; ${words} "$f"; s=$?; rm -f "$f"; exit $s`;
  return ["/bin/sh", "-c", launcher, name, script];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
