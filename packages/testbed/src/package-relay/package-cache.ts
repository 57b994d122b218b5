import { existsSync } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { tryCommand } from "../run-command.ts";
import type { DebianFile } from "./debian-path.ts";

/** How long an index that may change is taken for current. */
const CURRENT_MS = 60 * 60 * 1000;

/** Files of Debian's archives, fetched once by this machine's own apt: with its proxies, and as it is set up. */
export class PackageCache {
  readonly #folder: string;
  readonly #fetching = new Map<string, Promise<string | undefined>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the file here; undefined when the archive does not have it. Throws when it cannot be reached. */
  async get(file: DebianFile): Promise<string | undefined> {
    const path = join(this.#folder, encodeURIComponent(file.url));
    if (await isCurrent(path, file.lasting)) return path;
    const fetching = this.#fetching.get(path) ?? this.#fetch(file.url, path);
    this.#fetching.set(path, fetching);
    return fetching.finally(() => this.#fetching.delete(path));
  }

  async #fetch(url: string, path: string): Promise<string | undefined> {
    await mkdir(this.#folder, { recursive: true });
    const part = `${path}.part`;
    await rm(part, { force: true });
    const { code, stderr } = await tryCommand(["/usr/lib/apt/apt-helper", "-q", "download-file", url, part]);
    if (code === 0) {
      await rename(part, path);
      return path;
    }
    if (/ 404 +Not Found/.test(stderr)) return undefined;
    throw new Error(`apt cannot fetch ${url}: ${stderr.trim()}`);
  }
}

async function isCurrent(path: string, lasting: boolean): Promise<boolean> {
  if (!existsSync(path)) return false;
  // By the time of the last status change: apt gives a file the time that its server tells.
  return lasting || Date.now() - (await stat(path)).ctimeMs < CURRENT_MS;
}
