import { describe, expect, it } from "vitest";
import { containerPorts, portTable } from "./port-mappings.ts";

describe("containerPorts", () => {
  it.each([
    ["80", 80, "TCP"],
    ["8080:81", 81, "TCP"],
    ["8080:82/tcp", 82, "TCP"],
    ["53/udp", 53, "UDP"],
    ["127.0.0.1:8080:83", 83, "TCP"],
    [":84", 84, "TCP"],
    ["65535", 65_535, "TCP"],
  ])("reads %s", (mapping, containerPort, protocol) => {
    expect(containerPorts([mapping])).toEqual([{ containerPort, protocol }]);
  });

  it.each([
    ["0", "invalid container port: 0"],
    ["65536", "invalid container port: 65536"],
    ["99999:80", "invalid container port: 99999"],
    ["8000-8010:80", "invalid container port: 8000-8010"],
    ["http", "invalid container port: http"],
    ["", "invalid container port: "],
    ["80/tcp/udp", "Unexpected port format: 80/tcp/udp"],
    ["80/icmp", "Unexpected port format: 80/icmp"],
    ["a:b:c:d", "Unexpected port format: a:b:c:d"],
  ])("refuses %s", (mapping, message) => {
    expect(() => containerPorts([mapping])).toThrow(message);
  });

  it("names a port once, and for each protocol", () => {
    const ports = containerPorts(["80", "8080:80", "80/udp"]);
    expect(ports.map(({ protocol }) => protocol)).toEqual(["TCP", "UDP"]);
    expect(portTable(ports)).toEqual({ "80": "80" });
  });
});
