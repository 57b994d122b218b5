/** The mirrors that Debian's images name in their `sources.list`, and the archives on them. */
export const DEBIAN_HOSTS = ["deb.debian.org", "security.debian.org"] as const;

const ARCHIVE = /^\/(debian|debian-security)(\/[A-Za-z0-9_.+~:@%=-]+)+$/;
/** Files whose names say what is in them: they never change. */
const LASTING = /\/(pool|by-hash)\//;

/** A file of Debian's archives. */
export interface DebianFile {
  readonly url: string;
  readonly lasting: boolean;
}

/** The file that a request asks for; undefined for everything else, so that the relay is a way to Debian's archives only. */
export function debianFile(host: string | undefined, path: string | undefined): DebianFile | undefined {
  const name = DEBIAN_HOSTS.find((known) => known === host);
  if (name === undefined || path === undefined || !ARCHIVE.test(path) || path.includes("/.."))
    return undefined;
  return { url: `http://${name}${path}`, lasting: LASTING.test(path) };
}
