import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { installAptPackages } from "@slipway/testbed";

const PLACES = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/** A browser of this machine; Debian's is installed where we may. */
export type Browser = { readonly path: string } | { readonly missing: string };

export async function findBrowser(): Promise<Browser> {
  const path = installed();
  if (path !== undefined) return { path };
  if (!(await isDebian()) || process.getuid?.() !== 0) {
    return {
      missing: `no browser at ${PLACES.join(" or ")}: install Debian's package chromium, or Google Chrome`,
    };
  }
  await installAptPackages(["chromium"], () => {});
  return { path: "/usr/bin/chromium" };
}

function installed(): string | undefined {
  return PLACES.find((place) => existsSync(place));
}

/** Ubuntu's package of that name brings a snap, which does not run everywhere. */
async function isDebian(): Promise<boolean> {
  return /^ID=debian$/m.test(await readFile("/etc/os-release", "utf8").catch(() => ""));
}
