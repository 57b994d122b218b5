/** Options of `docker create` that stand alone (docs.docker.com, "docker container create"); all others take a value. */
const FLAGS = [
  "--disable-content-trust",
  "--init",
  "--interactive",
  "--no-healthcheck",
  "--oom-kill-disable",
  "--privileged",
  "--publish-all",
  "--quiet",
  "--read-only",
  "--rm",
  "--tty",
  "--use-api-socket",
  // Those of `docker run`, which people copy.
  "--detach",
  "--help",
  "--sig-proxy",
];

const SHORT: Readonly<Record<string, string>> = {
  "-a": "--attach",
  "-c": "--cpu-shares",
  "-d": "--detach",
  "-e": "--env",
  "-h": "--hostname",
  "-i": "--interactive",
  "-l": "--label",
  "-m": "--memory",
  "-p": "--publish",
  "-P": "--publish-all",
  "-q": "--quiet",
  "-t": "--tty",
  "-u": "--user",
  "-v": "--volume",
  "-w": "--workdir",
};

/** The long name of an option, as far as there is one. */
export function longName(option: string): string {
  return SHORT[option] ?? option;
}

/** Whether the next word is no value of the option. Takes long names. */
export function isFlag(option: string): boolean {
  return FLAGS.includes(option);
}
