import { BuildError } from "@slipway/core";

/** What a registry may be shown: a name and password, or one of the two kinds of token that `docker login` stores. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token: exchanged at the token service. */
  readonly identityToken?: string;
  /** A bearer token: sent as it is. */
  readonly registryToken?: string;
}

/** Credentials by registry host. */
export interface Keychain {
  /** The hosts that have a credential, as `host[:port]`. */
  readonly hosts: readonly string[];
  resolve(host: string): Credential | undefined;
}

/** A parsed `config.json` or `.dockerconfigjson`. */
export interface DockerConfig extends Keychain {
  /** Every text that must not appear in output. */
  readonly secrets: readonly string[];
}

/** No credential for anybody. */
export const anonymous: Keychain = { hosts: [], resolve: () => undefined };

const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];
const REMEDY = "Make the Secret with `kubectl create secret docker-registry`, which writes the right form";

/**
 * Parses the JSON that `docker login` writes and that Secrets of type `kubernetes.io/dockerconfigjson` hold
 * (Kubernetes documentation, "Pull an Image from a Private Registry"). Strict: what it accepts will be used as it says.
 * Throws INVALID_CONFIG, without any part of a credential.
 */
export function parseDockerConfig(text: string): DockerConfig {
  const auths = authsOf(parseJson(text));
  const hosts = Object.keys(auths).map(hostOfKey);
  const credentials = new Map<string, Credential>();
  const secrets = new Set<string>();
  for (const [key, entry] of Object.entries(auths)) {
    const credential = credentialOf(key, entry, hosts);
    for (const secret of secretTexts(credential, entry)) secrets.add(secret);
    // The first entry of a host wins, as in Docker's own lookup; paths below a host are not told apart.
    if (!credentials.has(hostOfKey(key))) credentials.set(hostOfKey(key), credential);
  }
  return {
    hosts: [...credentials.keys()],
    secrets: [...secrets],
    resolve: (host) => credentials.get(hostOfKey(host)),
  };
}

/** Every text to mask: passwords, tokens and their encoded forms. Not the user name, nor anything under four characters. */
export function secretsOf(config: DockerConfig): readonly string[] {
  return config.secrets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds a password: it is not kept as the cause.
    throw invalid("the Docker config is not JSON");
  }
}

function authsOf(config: unknown): Record<string, unknown> {
  if (!isRecord(config)) throw invalid("the Docker config is not a JSON object");
  const { auths } = config;
  if (isRecord(auths) && Object.keys(auths).length > 0) return auths;
  if (auths !== undefined && !isRecord(auths)) throw invalid('"auths" in the Docker config is not an object');
  const helpers = isRecord(config["credHelpers"]) ? Object.keys(config["credHelpers"]) : [];
  if (helpers.length > 0 || typeof config["credsStore"] === "string") {
    const named = helpers.length > 0 ? ` for ${helpers.join(", ")}` : "";
    throw invalid(`the Docker config has only credential helpers${named}, which do not exist in the cluster`);
  }
  throw invalid('the Docker config has no entry in "auths"');
}

function credentialOf(key: string, entry: unknown, hosts: readonly string[]): Credential {
  const wrong = (what: string) => invalid(`the entry for ${hostOfKey(key)} ${what}`, hosts);
  if (!isRecord(entry)) throw wrong("is not an object");
  const field = (name: string): string => {
    const value = entry[name] ?? "";
    if (typeof value !== "string") throw wrong(`has "${name}" that is not a string`);
    return value;
  };
  const fromAuth = decodeAuth(field("auth"), wrong);
  const username = field("username") || fromAuth.username;
  const password = field("password") || fromAuth.password;
  if (fromAuth.username !== "" && (fromAuth.username !== username || fromAuth.password !== password))
    throw wrong('has "auth" that disagrees with "username" and "password"');
  const identityToken = field("identitytoken");
  const registryToken = field("registrytoken");
  if (identityToken === "" && registryToken === "" && (username === "" || password === ""))
    throw wrong("has no user name with password and no token");
  return {
    username,
    password,
    ...(identityToken !== "" && { identityToken }),
    ...(registryToken !== "" && { registryToken }),
  };
}

function decodeAuth(
  auth: string,
  wrong: (what: string) => BuildError,
): { username: string; password: string } {
  if (auth === "") return { username: "", password: "" };
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(auth)) throw wrong('has "auth" that is not base64');
  // NUL padding is left by old versions of Docker.
  const decoded = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw wrong('has "auth" that is not the base64 of "user:password"');
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function secretTexts(credential: Credential, entry: unknown): string[] {
  const { username, password, identityToken = "", registryToken = "" } = credential;
  const raw = isRecord(entry) && typeof entry["auth"] === "string" ? entry["auth"] : "";
  const basic = password === "" ? "" : Buffer.from(`${username}:${password}`).toString("base64");
  const texts = [
    password,
    encodeURIComponent(Buffer.from(password).toString()),
    basic,
    raw,
    identityToken,
    registryToken,
  ];
  return texts.filter((text) => text.length >= 4 && text !== username);
}

/** `host[:port]` of a key, which may have a scheme and a path; Docker Hub under all its names is `docker.io`. */
function hostOfKey(key: string): string {
  const host = key
    .replace(/^https?:\/\//i, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
  return DOCKER_HUB.includes(host) ? "docker.io" : host;
}

function invalid(problem: string, hosts: readonly string[] = []): BuildError {
  const listed = hosts.length > 0 ? `; it has entries for ${hosts.join(", ")}` : "";
  return new BuildError("INVALID_CONFIG", `${problem}${listed}`, { remedy: REMEDY });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
