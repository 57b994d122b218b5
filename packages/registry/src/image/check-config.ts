import { isDigest } from "@slipway/core";
import type { ImageDefect } from "./image-defect.ts";

type Json = Readonly<Record<string, unknown>>;

const isText = (value: unknown): boolean => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTextMap = (value: unknown): boolean => isRecord(value) && Object.values(value).every(isText);
const isSet = (value: unknown): boolean => isRecord(value) && Object.values(value).every(isRecord);
const isFlag = (value: unknown): boolean => typeof value === "boolean";

/** OCI image specification, config.md, "Properties", and what Docker adds: image specification 1.2, "Container RunConfig". */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  User: isText,
  ExposedPorts: isSet,
  Env: (value) => isTexts(value) && (value as string[]).every((entry) => entry.indexOf("=") > 0),
  Entrypoint: isTexts,
  Cmd: isTexts,
  Volumes: isSet,
  WorkingDir: isText,
  Labels: isTextMap,
  StopSignal: isText,
  ArgsEscaped: isFlag,
  Healthcheck: isRecord,
  OnBuild: isTexts,
  Shell: isTexts,
};

/** Compares a config with its specification and with the number of layers. */
export function checkConfig(config: Json, layers: number): ImageDefect[] {
  const defects: ImageDefect[] = [];
  const report = (rule: ImageDefect["rule"], subject: string, found: string) => {
    defects.push({ rule, subject, found });
  };
  for (const field of ["architecture", "os"])
    if (typeof config[field] !== "string" || config[field] === "")
      report("config", field, JSON.stringify(config[field]) ?? "absent");
  const { rootfs, history, config: run } = config;
  const diffIds = diffIdsOf(config);
  if (diffIds === undefined) report("config", "rootfs", JSON.stringify(rootfs) ?? "absent");
  else if (diffIds.length !== layers)
    report("diff-id-count", "rootfs", `${diffIds.length} diff_ids for ${layers} layers`);
  const filled = filledEntries(history);
  if (filled === undefined) report("config", "history", "not a list of objects");
  else if (filled !== "none" && filled !== layers)
    report("history-count", "history", `${filled} entries with a layer for ${layers} layers`);
  if (run !== undefined && run !== null && !isRecord(run)) report("config", "config", "not an object");
  for (const [field, value] of Object.entries(isRecord(run) ? run : {}))
    if (value !== null && FIELDS[field]?.(value) === false)
      report("config-field", field, JSON.stringify(value));
  return defects;
}

/** undefined: malformed. */
export function diffIdsOf({ rootfs }: Json): readonly string[] | undefined {
  if (!isRecord(rootfs) || rootfs["type"] !== "layers") return undefined;
  // Go writes null for a list of none.
  const ids = rootfs["diff_ids"] ?? [];
  return Array.isArray(ids) && ids.every(isDigest) ? ids : undefined;
}

function filledEntries(history: unknown): number | "none" | undefined {
  if (history === undefined || history === null) return "none";
  if (!Array.isArray(history) || !history.every(isRecord)) return undefined;
  return history.length === 0 ? "none" : history.filter((entry) => entry["empty_layer"] !== true).length;
}
