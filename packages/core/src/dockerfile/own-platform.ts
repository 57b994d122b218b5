import { type Lookup, substitute } from "./substitute.ts";

export interface KnownPlatforms {
  /** The `os/architecture[/variant]` that the image is for, when the request says so. */
  readonly platform?: string | undefined;
  /** The platform of the machine that builds, when it is known. */
  readonly nodePlatform?: string | undefined;
}

/**
 * Whether `FROM --platform=VALUE` asks for nothing but what a builder without that flag does anyway: build for the
 * requested platform, or else for that of its node. `global` looks up the ARGs before the first FROM.
 */
export function isOwnPlatform(value: string, global: Lookup, known: KnownPlatforms): boolean {
  const { platform, nodePlatform } = known;
  const name = /^\$(?:\{(TARGET|BUILD)PLATFORM\}|(TARGET|BUILD)PLATFORM)$/.exec(value);
  const automatic = name?.[1] ?? name?.[2];
  const redefined = automatic !== undefined && typeof global(`${automatic}PLATFORM`) === "string";
  if (automatic === "TARGET" && !redefined) return true;
  if (automatic === "BUILD" && !redefined) return platform === undefined || isSame(platform, nodePlatform);
  return isSame(substitute(value, global), platform ?? nodePlatform);
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && normal(one) === normal(other);
}

/** Docker's synonyms (containerd, platforms): linux/x86_64 is linux/amd64, linux/arm64/v8 is linux/arm64. */
function normal(platform: string): string {
  const [os = "", architecture = "", variant] = platform.toLowerCase().split("/");
  const known = { x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64" }[architecture] ?? architecture;
  const usual = (known === "arm64" && variant === "v8") || (known === "amd64" && variant === "v1");
  return [os, known, ...(variant === undefined || usual ? [] : [variant])].join("/");
}
