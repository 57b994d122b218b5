import { BuildError } from "@slipway/core";

/** A port on which a container listens. */
export interface ContainerPort {
  readonly containerPort: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
}

/**
 * Reads `ports:` of a container: `80`, `8080:80`, `127.0.0.1:8080:80/udp`. Only the container's side counts: all containers of a job share
 * the addresses of one pod, so that is where the steps find it. Throws INVALID_REQUEST that names the mapping.
 */
export function containerPorts(mappings: readonly string[]): ContainerPort[] {
  const ports = mappings.map(containerPort);
  const isFirst = (port: ContainerPort, index: number) =>
    ports.findIndex((other) => same(port, other)) === index;
  return ports.filter(isFirst);
}

/** What `job.services.NAME.ports` tells: for each port of the container the one under which it is reached, which is the same. */
export function portTable(ports: readonly ContainerPort[]): Record<string, string> {
  return Object.fromEntries(ports.map(({ containerPort: port }) => [String(port), String(port)]));
}

function containerPort(mapping: string): ContainerPort {
  const [numbers = "", protocolName = "tcp", ...rest] = mapping.trim().split("/");
  const protocol = PROTOCOLS.find((known) => known === protocolName.toUpperCase());
  const parts = numbers.split(":");
  // A host address may come first; an address of IPv6 has brackets and colons of its own, and would not be used anyway.
  if (protocol === undefined || rest.length > 0 || parts.length > 3)
    throw refused(`Unexpected port format: ${mapping}`);
  const [port = "", hostPort = ""] = parts.toReversed();
  if (hostPort !== "") portNumber(hostPort);
  return { containerPort: portNumber(port), protocol };
}

const PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw refused(`invalid container port: ${text}`);
}

function same(one: ContainerPort, other: ContainerPort): boolean {
  return one.containerPort === other.containerPort && one.protocol === other.protocol;
}

function refused(message: string): BuildError {
  return new BuildError("INVALID_REQUEST", message, {
    remedy:
      "Write `ports:` of the container as PORT, HOST_PORT:PORT or PORT/udp, with numbers from 1 to 65535",
  });
}
