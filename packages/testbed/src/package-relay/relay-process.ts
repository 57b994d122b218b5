import { join } from "node:path";
import { endedAtOnce, startDetached } from "../detached-process.ts";
import type { DockerClient } from "../docker-client.ts";
import type { Folders } from "../folders.ts";
import { NETWORK } from "../kind-cluster.ts";
import type { Kubectl } from "../kubectl.ts";
import { runningFrom, stopProcess } from "../process-identity.ts";
import { waitUntil } from "../wait-until.ts";

const NAME = "package-relay";

function identityFile(folders: Folders): string {
  return join(folders.state, `${NAME}.json`);
}

/** Lets pods install Debian packages although nothing is forwarded for them: by a relay that only the cluster's network reaches. */
export async function startPackageRelay(
  folders: Folders,
  docker: DockerClient,
  kubectl: Kubectl,
): Promise<void> {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const relay = (await docker.run(["network", "inspect", "--format", format, NETWORK])).trim();
  const program = join(import.meta.dirname, "main.ts");
  await startDetached(folders, {
    identityFile: identityFile(folders),
    argv: [process.execPath, ...process.execArgv, program, relay, folders.packages],
    name: NAME,
    // Where the loader of TypeScript is found.
    cwd: import.meta.dirname,
  });
  await waitUntil(`an answer of the ${NAME}`, 30_000, async () => {
    const answers = await fetch(`http://${relay}`)
      .then(() => true)
      .catch(() => undefined);
    if (answers === undefined && !(await hasPackageRelay(folders))) throw await endedAtOnce(folders, NAME);
    return answers;
  });
  await kubectl.applyFile("debian-packages.yaml", { relay });
}

export async function hasPackageRelay(folders: Folders): Promise<boolean> {
  return (await runningFrom(identityFile(folders))) !== undefined;
}

export async function stopPackageRelay(folders: Folders): Promise<void> {
  const identity = await runningFrom(identityFile(folders));
  if (identity !== undefined) await stopProcess(identity);
}
