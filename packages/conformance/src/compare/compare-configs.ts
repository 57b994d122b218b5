import { type ComparePolicy, DEFAULT_POLICY } from "./compare-policy.ts";
import { type ConfigFields, configFields, ENV_ORDER } from "./config-fields.ts";
import type { Difference } from "./difference.ts";
import { shownValue } from "./shown-value.ts";

/**
 * In what two config files of images differ (OCI image specification, config.md): by type, in the order of lists, and
 * either way round. `config:Env.PATH`, `config:Labels.maintainer`, `config:Cmd`.
 */
export function compareConfigs(
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
  policy: Partial<ComparePolicy> = {},
): Difference[] {
  const whole = { ...DEFAULT_POLICY, ...policy };
  return compareFields(configFields(expected, whole), configFields(actual, whole));
}

export function compareFields(expected: ConfigFields, actual: ConfigFields): Difference[] {
  const names = [...new Set([...expected.keys(), ...actual.keys()])];
  return names
    .filter((name) => canonical(expected.get(name)) !== canonical(actual.get(name)))
    .filter((name) => name !== ENV_ORDER || sameMembers(expected.get(name), actual.get(name)))
    .map((name) => ({
      id: `config:${name}`,
      expected: shownValue(expected.get(name)),
      actual: shownValue(actual.get(name)),
    }));
}

/** Where a variable is missing, that is told, and its order is not. */
function sameMembers(expected: unknown, actual: unknown): boolean {
  const members = (value: unknown) => canonical([...new Set(Array.isArray(value) ? value : [])].sort());
  return members(expected) === members(actual);
}

/** JSON with the keys of objects in order. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? "absent"
  );
}
