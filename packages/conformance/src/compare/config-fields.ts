import { type ComparePolicy, DOCKER_ONLY } from "./compare-policy.ts";

/** A config taken apart: what an id of a difference names, and its value. Nothing that is empty or passed over. */
export type ConfigFields = ReadonlyMap<string, unknown>;

/** Under which the names of Env are listed in their order. */
export const ENV_ORDER = "Env-order";

const BESIDE_CONFIG = ["architecture", "os", "variant", "os.version", "os.features"];
const SETS = ["ExposedPorts", "Volumes"];

/** The fields of a config file (OCI image specification, config.md) that say what a container is like. */
export function configFields(raw: Readonly<Record<string, unknown>>, policy: ComparePolicy): ConfigFields {
  const beside = policy.author === "exact" ? [...BESIDE_CONFIG, "author"] : BESIDE_CONFIG;
  const run = Object.entries(recordOf(raw["config"])).filter(([name]) => !DOCKER_ONLY.has(name));
  return new Map([
    ...beside.flatMap((name) => fieldParts(name, raw[name], policy)),
    ...run.flatMap(([name, value]) => fieldParts(name, value, policy)),
  ]);
}

/** One field, in the parts that are told apart: each variable, label, port, volume. */
export function fieldParts(
  name: string,
  value: unknown,
  { ignoredLabels }: ComparePolicy,
): readonly (readonly [id: string, value: unknown])[] {
  if (isEmpty(value) || (name === "WorkingDir" && value === "/")) return [];
  if (name === "Env" && Array.isArray(value)) return envParts(value.map(String));
  if (SETS.includes(name)) return Object.keys(recordOf(value)).map((key) => [`${name}.${key}`, {}]);
  if (name === "Labels")
    return Object.entries(recordOf(value))
      .filter(([key]) => !ignoredLabels.includes(key))
      .map(([key, label]) => [`Labels.${key}`, label]);
  if (name === "Healthcheck")
    return Object.entries(recordOf(value)).flatMap(([key, part]) =>
      isEmpty(part) ? [] : [[`Healthcheck.${key}`, part]],
    );
  return [[name, value]];
}

/** The last of two values of a variable counts; that there are two is seen in the order. */
function envParts(entries: readonly string[]): (readonly [string, unknown])[] {
  const pairs = entries.map((entry) => {
    const end = entry.indexOf("=");
    return end === -1
      ? ([entry, undefined] as const)
      : ([entry.slice(0, end), entry.slice(end + 1)] as const);
  });
  return [
    ...pairs.map(([name, value]) => [`Env.${name}`, value ?? null] as const),
    [ENV_ORDER, pairs.map(([name]) => name)],
  ];
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
