/** One `--mount` of RUN (Dockerfile reference, "RUN --mount"). */
export interface MountOptions {
  /** `bind` when left out. */
  readonly type: string;
  /** Keys in lower case, synonyms as written: `src` is not turned into `source`. A key without `=` is "true". */
  readonly options: ReadonlyMap<string, string>;
  /** The keys that stand without `=`. */
  readonly bare: readonly string[];
}

export const MOUNT_TYPES: readonly string[] = ["bind", "cache", "tmpfs", "secret", "ssh"];

/** Parses the value of `--mount`: comma-separated fields, where a quoted field may hold commas. */
export function parseMountOptions(value: string): MountOptions {
  const options = new Map<string, string>();
  const bare: string[] = [];
  for (const field of fieldsOf(value)) {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).trim().toLowerCase();
    options.set(key, equals < 0 ? "true" : field.slice(equals + 1));
    if (equals < 0) bare.push(key);
  }
  return { type: (options.get("type") ?? "bind").toLowerCase(), options, bare };
}

function fieldsOf(value: string): readonly string[] {
  const fields = value.match(/(?:"(?:""|[^"])*"|[^,])+/g) ?? [];
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}
