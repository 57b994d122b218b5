import { existsSync } from "node:fs";
import { runCommand, tryCommand } from "./run-command.ts";
import { POLICY_FILE, withServicesKeptOff } from "./services-kept-off.ts";
import { isRoot } from "./settings.ts";
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
  if (!isRoot()) {
    throw new TestbedError(
      `Debian packages are missing, and only root may install them: ${missing.join(" ")}`,
      {
        remedy: `Run as root: apt-get install --no-install-recommends ${missing.join(" ")}`,
      },
    );
  }
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    onLine: (line: string) => note(line.slice(0, 60)),
  };
  await runCommand(["apt-get", "update"], options);
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...missing];
  await withServicesKeptOff(POLICY_FILE, () => runCommand(install, options));
  await disableServices(missing);
  return true;
}

const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["docker.service", "docker.socket"],
  containerd: ["containerd.service"],
};

/** Nor does the machine's own Docker start at the next boot because of us. */
async function disableServices(packages: readonly string[]): Promise<void> {
  const units = packages.flatMap((name) => SERVICES[name] ?? []);
  if (units.length === 0 || !existsSync("/run/systemd/system")) return;
  await runCommand(["systemctl", "disable", ...units]);
}
