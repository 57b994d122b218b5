import { BuildError } from "@slipway/core";

/** What the environment says of where the kit runs. */
export interface KitSettings {
  /** `host[:port]` of a registry to push to; one in memory when left out. */
  readonly registry?: string;
  /** It speaks plain HTTP. */
  readonly plainHttp: boolean;
  readonly credential?: { readonly username: string; readonly password: string };
  /** The image with `/bin/sh`: a reference, or the absolute path of an OCI layout. */
  readonly base?: string;
}

/** Reads `CONFORMANCE_*`. Throws INVALID_CONFIG that names the variable. */
export function kitSettings(env: NodeJS.ProcessEnv = process.env): KitSettings {
  const registry = env["CONFORMANCE_REGISTRY"];
  const username = env["CONFORMANCE_REGISTRY_USERNAME"];
  const password = env["CONFORMANCE_REGISTRY_PASSWORD"];
  const base = env["CONFORMANCE_BASE"];
  if ((username === undefined) !== (password === undefined))
    throw new BuildError(
      "INVALID_CONFIG",
      "One of CONFORMANCE_REGISTRY_USERNAME and CONFORMANCE_REGISTRY_PASSWORD is not set",
      { remedy: "Set both, or none" },
    );
  return {
    plainHttp: flag(env, "CONFORMANCE_PLAIN_HTTP"),
    ...(registry === undefined ? {} : { registry }),
    ...(username === undefined || password === undefined ? {} : { credential: { username, password } }),
    ...(base === undefined ? {} : { base }),
  };
}

function flag(env: NodeJS.ProcessEnv, name: string): boolean {
  const value = env[name] ?? "false";
  if (value === "true" || value === "false") return value === "true";
  throw new BuildError("INVALID_CONFIG", `${name} is "${value}"`, { remedy: "Set it to true or false" });
}
