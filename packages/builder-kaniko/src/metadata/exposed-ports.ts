const PORT = /^(?:.*:)?(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i;

/** Every port of a value of EXPOSE as it is in an image: `8000-8001/UDP` is `8000/udp` and `8001/udp`. Undefined for what is none. */
export function exposedPorts(value: string): readonly string[] | undefined {
  const ports = value
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(portsOf);
  return ports.includes(undefined) ? undefined : ports.flatMap((some) => some ?? []);
}

function portsOf(word: string): readonly string[] | undefined {
  const [, first, last = first, protocol = "tcp"] = PORT.exec(word) ?? [];
  if (first === undefined) return undefined;
  const length = Number(last) - Number(first) + 1;
  return Array.from({ length }, (_, at) => `${Number(first) + at}/${protocol.toLowerCase()}`);
}
