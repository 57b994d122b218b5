import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobContainerFacts } from "@slipway/step-protocol";

/** Where the loaders of glibc lie: /lib64, /lib, and Debian's folders of an architecture. */
const GLIBC_LOADER = /^(ld-linux.*|ld64)\.so\.\d+$/;
const MUSL_LOADER = /^ld-musl-.*\.so\.1$/;

/** What the job needs to know of its container. `root` is another one for tests. */
export function containerFacts(root = "/"): JobContainerFacts {
  return { isAlpine: isAlpine(root), uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/**
 * True where the runner's Alpine build of Node is the one that runs. Alpine says so in os-release (and may have a loader of glibc as
 * well, by gcompat); other images of musl have its loader and no other.
 */
function isAlpine(root: string): boolean {
  if (/^ID=["']?alpine["']?$/m.test(osRelease(root))) return true;
  const lib = names(join(root, "lib"));
  if (!lib.some((name) => MUSL_LOADER.test(name))) return false;
  const folders = lib.filter((name) => name.endsWith("-linux-gnu")).map((name) => join("lib", name));
  const loaders = ["lib64", ...folders].flatMap((folder) => names(join(root, folder)));
  return ![...lib, ...loaders].some((name) => GLIBC_LOADER.test(name));
}

function osRelease(root: string): string {
  for (const file of ["etc/os-release", "usr/lib/os-release"]) {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      // An image need not have it.
    }
  }
  return "";
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
