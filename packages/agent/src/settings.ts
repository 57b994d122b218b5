/** The environment of this container, as image, pod and kubelet made it. */
export function containerEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
}
