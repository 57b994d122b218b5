import { runCommand, tryCommand } from "./run-command.ts";
import { TestbedError } from "./testbed-error.ts";

/** Installs the Debian packages of those that are missing; true when there was something to do. */
export async function installAptPackages(
  wanted: readonly string[],
  note: (text: string) => void,
): Promise<boolean> {
  const missing: string[] = [];
  for (const name of wanted) {
    const { code, stdout } = await tryCommand([
      "dpkg-query",
      "--show",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a format of dpkg-query.
      "--showformat=${db:Status-Status}",
      name,
    ]).catch(() => {
      throw new TestbedError("This system has no dpkg", {
        remedy:
          "Use a Debian or Ubuntu machine, or name a cluster of yours: SLIPWAY_TESTBED_KUBECONFIG=/path/to/kubeconfig",
      });
    });
    if (code !== 0 || stdout !== "installed") missing.push(name);
  }
  if (missing.length === 0) return false;
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    onLine: (line: string) => note(line.slice(0, 60)),
  };
  await runCommand(["apt-get", "update"], options);
  await runCommand(["apt-get", "install", "-y", "--no-install-recommends", ...missing], options);
  return true;
}
