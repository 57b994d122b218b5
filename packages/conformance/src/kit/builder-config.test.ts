import { describe, expect, it } from "vitest";
import { configFor, WRONG_PASSWORD } from "./builder-config.ts";
import type { HostWish, KitHost } from "./kit-host.ts";
import { silentLogger } from "./silent-logger.ts";

const host: KitHost = {
  registry: { name: "registry:5000", credential: { username: "kit", password: "s3cret" } },
  trust: { plainHttp: [] },
  shellBase: "busybox:1.37",
  builderHost: ({ logger, trust, workDir }) => ({ logger, trust, workDir }),
  close: async () => {},
};

function wish(change: Partial<HostWish> = {}): HostWish {
  const place = { trust: host.trust, owner: "me", workDir: "/work", logger: silentLogger };
  return { access: "right", privateBase: false, ...place, ...change };
}

const TEMPLATE = {
  auths: { "{{registry.host}}": ["{{registry.username}}:{{registry.password}}"] },
  base: "{{base}}",
  other: "{{other}} {x}",
  count: 1,
};

describe("configFor", () => {
  it("replaces names in texts and keys, and leaves everything else", () => {
    expect(configFor(TEMPLATE, host, wish())).toEqual({
      auths: { "registry:5000": ["kit:s3cret"] },
      base: "busybox:1.37",
      other: "{{other}} {x}",
      count: 1,
    });
  });

  it.each([
    ["wrong", `kit:${WRONG_PASSWORD}`],
    ["none", ":"],
  ] as const)("has the credential of the case: %s", (access, credential) => {
    expect(configFor("{{registry.username}}:{{registry.password}}", host, wish({ access }))).toBe(credential);
  });

  it("asks a function", () => {
    const config = configFor(
      ({ privateBase }: { privateBase: boolean }) => ({ privateBase }),
      host,
      wish({ privateBase: true }),
    );
    expect(config).toEqual({ privateBase: true });
  });

  it("adds the fields of the place, of which the author's win", () => {
    const place = { ...host, config: () => ({ image: "of the place", mirror: "m" }) };
    expect(configFor({ image: "of the author" }, place, wish())).toEqual({
      image: "of the author",
      mirror: "m",
    });
  });

  it("is empty where nobody says anything", () => {
    expect(configFor(undefined, host, wish())).toEqual({});
  });
});
