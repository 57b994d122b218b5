/** Containers of ours in a job pod. */
const TAKEN = ["job", "sync", "install"];
const MAX_LABEL = 63;

/**
 * Names for the containers of services, in order, as the official hook forms them and as templates know them: the last part of the image's
 * name, and `-0`, `-1` … for those that would be called the same. Unlike there, each is a name that Kubernetes takes (RFC 1123 label).
 */
export function serviceNames(images: readonly string[]): string[] {
  const wanted = images.map(labelOf);
  const taken = new Set(TAKEN);
  const isAlone = (name: string) => !taken.has(name) && wanted.filter((other) => other === name).length === 1;
  const alone = new Set(wanted.filter(isAlone));
  for (const name of alone) taken.add(name);
  return wanted.map((name) => (alone.has(name) ? name : numbered(name, taken)));
}

function labelOf(image: string): string {
  const path = image.split("@", 1)[0] ?? "";
  const name = path.slice(path.lastIndexOf("/") + 1).split(":", 1)[0] ?? "";
  return trimmed(name.toLowerCase().replace(/[^a-z0-9-]/g, "-")) || "service";
}

function numbered(name: string, taken: Set<string>): string {
  for (let number = 0; ; number += 1) {
    const suffix = `-${number}`;
    const candidate = `${trimmed(name.slice(0, MAX_LABEL - suffix.length))}${suffix}`;
    if (taken.has(candidate)) continue;
    taken.add(candidate);
    return candidate;
  }
}

function trimmed(label: string): string {
  return label.slice(0, MAX_LABEL).replace(/^-+|-+$/g, "");
}
