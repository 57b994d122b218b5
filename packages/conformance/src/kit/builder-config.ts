import type { Access, HostWish, KitHost } from "./kit-host.ts";

/** What an author's configuration may depend on. */
export interface ConfigGiven {
  readonly registry: {
    /** `host[:port]` as the builder names it. */
    readonly host: string;
    /** The credential of the case: one that the registry refuses where the case says so; empty where it has none. */
    readonly username: string;
    readonly password: string;
  };
  /** The image with `/bin/sh`; empty where there is none. */
  readonly base: string;
  readonly access: Access;
  /** Whether the builder will pull a base image that needs the credential. */
  readonly privateBase: boolean;
}

/**
 * The configuration of the builder under test: plain data, in whose texts `{{registry.host}}`, `{{registry.username}}`, `{{registry.password}}` and `{{base}}` are replaced, or
 * a function that makes it.
 */
export type BuilderConfig = unknown | ((given: ConfigGiven) => unknown);

/** A password that no registry has, of the length of a real one. */
export const WRONG_PASSWORD = "not-the-password-of-the-registry";

/** What `parseConfig` of the builder gets for one case: the fields of the place, then those of the author. */
export function configFor(config: BuilderConfig, host: KitHost, wish: HostWish): unknown {
  const given = givenOf(host, wish);
  const own: unknown = typeof config === "function" ? config(given) : filledIn(config, given);
  const place = host.config?.(wish);
  if (place === undefined) return own ?? {};
  return isRecord(own ?? {}) ? { ...place, ...(own as object) } : own;
}

function givenOf({ registry, shellBase = "" }: KitHost, { access, privateBase }: HostWish): ConfigGiven {
  const { username = "", password = "" } = access === "none" ? {} : (registry.credential ?? {});
  const shown = access === "wrong" ? WRONG_PASSWORD : password;
  return {
    registry: { host: registry.name, username, password: shown },
    base: shellBase,
    access,
    privateBase,
  };
}

function filledIn(value: unknown, given: ConfigGiven): unknown {
  if (typeof value === "string") return filledText(value, given);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, given));
  if (!isRecord(value)) return value;
  const filled = Object.entries(value).map(([key, item]) => [filledText(key, given), filledIn(item, given)]);
  return Object.fromEntries(filled);
}

function filledText(text: string, { registry, base }: ConfigGiven): string {
  const values: Readonly<Record<string, string>> = {
    "registry.host": registry.host,
    "registry.username": registry.username,
    "registry.password": registry.password,
    base,
  };
  return text.replace(/\{\{([a-z.]+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
