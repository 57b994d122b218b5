import {
  CONTAINER_FIELDS,
  ENV_FIELDS,
  type FieldKind,
  type Fields,
  METADATA_FIELDS,
  MOUNT_FIELDS,
  nearestField,
  POD_SPEC_FIELDS,
  TEMPLATE_FIELDS,
} from "./pod-fields.ts";
import { EXTENSION_PREFIX, type PodTemplate, type TemplateContainer } from "./pod-template.ts";

export type FieldPath = readonly (string | number)[];

/** The first thing that is wrong with a template. */
export interface Defect {
  readonly path: FieldPath;
  readonly message: string;
}

export type CheckedTemplate =
  | { readonly template: PodTemplate; readonly defect?: never }
  | { readonly template?: never; readonly defect: Defect };

type Plain = Readonly<Record<string, unknown>>;

/**
 * Whether the value is a pod template. A field that is spelled nearly like a known one is a defect; any other unknown field is passed on
 * with a warning, for a later Kubernetes may have it.
 */
export function checkTemplate(value: unknown, path: string): CheckedTemplate {
  const check = new Check();
  try {
    return { template: check.template(value, path) };
  } catch (error) {
    if (error instanceof Found) return { defect: error.defect };
    throw error;
  }
}

/** Ends a check at its first defect. */
class Found extends Error {
  readonly defect: Defect;

  constructor(path: FieldPath, message: string) {
    super(message);
    this.defect = { path, message };
  }
}

class Check {
  readonly #warnings: string[] = [];

  template(value: unknown, path: string): PodTemplate {
    if (!isPlain(value)) throw new Found([], "there is no pod template in it");
    this.#fields(value, TEMPLATE_FIELDS, [], "is not used");
    const metadata = plain(value["metadata"]);
    this.#fields(metadata, METADATA_FIELDS, ["metadata"], "is not used");
    const { containers, ...spec } = plain(value["spec"]);
    this.#spec({ containers, ...spec });
    return {
      path,
      labels: plain(metadata["labels"]) as Record<string, string>,
      annotations: plain(metadata["annotations"]) as Record<string, string>,
      containers: list(containers) as unknown as TemplateContainer[],
      spec,
      warnings: this.#warnings,
    };
  }

  #spec(spec: Plain): void {
    this.#fields(spec, POD_SPEC_FIELDS, ["spec"], "is passed on as it is");
    this.#containers(list(spec["containers"]), ["spec", "containers"]);
    this.#containers(list(spec["initContainers"]), ["spec", "initContainers"]);
    this.#named(list(spec["volumes"]), ["spec", "volumes"]);
    this.#named(list(spec["imagePullSecrets"]), ["spec", "imagePullSecrets"]);
  }

  #containers(containers: readonly Plain[], path: FieldPath): void {
    this.#named(containers, path);
    for (const [index, container] of containers.entries()) {
      const at = [...path, index];
      const name = String(container["name"]);
      this.#fields(container, CONTAINER_FIELDS, at, "is passed on as it is");
      this.#list(container["env"], ENV_FIELDS, [...at, "env"]);
      this.#list(container["volumeMounts"], MOUNT_FIELDS, [...at, "volumeMounts"]);
      if (!name.startsWith(EXTENSION_PREFIX) && typeof container["image"] !== "string") {
        throw new Found([...at, "name"], `${written(at)} ("${name}") has no image`);
      }
      if (name.startsWith(EXTENSION_PREFIX) && path.includes("initContainers")) {
        throw new Found(
          [...at, "name"],
          `"${name}" belongs into spec.containers, where it extends a container`,
        );
      }
    }
  }

  #list(value: unknown, fields: Fields, path: FieldPath): void {
    for (const [index, entry] of list(value).entries()) {
      const at = [...path, index];
      this.#fields(entry, fields, at, "is passed on as it is");
      this.#present(entry, "name", at);
      if (fields === MOUNT_FIELDS) this.#present(entry, "mountPath", at);
    }
  }

  /** Every entry needs a name, and no two the same. */
  #named(entries: readonly Plain[], path: FieldPath): void {
    const seen = new Set<unknown>();
    for (const [index, entry] of entries.entries()) {
      const at = [...path, index];
      this.#present(entry, "name", at);
      const name = entry["name"];
      if (seen.has(name)) throw new Found([...at, "name"], `${written(path)} has "${name}" twice`);
      seen.add(name);
    }
  }

  #present(entry: Plain, field: string, path: FieldPath): void {
    if (typeof entry[field] === "string" && entry[field] !== "") return;
    const what = entry[field] === undefined ? "has no" : "has an unusable";
    throw new Found([...path, field], `${written(path)} ${what} ${field}`);
  }

  #fields(value: Plain, fields: Fields, path: FieldPath, otherwise: string): void {
    for (const [key, content] of Object.entries(value)) {
      const at = [...path, key];
      const kind = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (kind !== undefined) {
        checkKind(content, kind, at);
        continue;
      }
      const meant = nearestField(key, fields);
      if (meant !== undefined) throw new Found(at, `${written(at)} is not a field; did you mean ${meant}?`);
      this.#warnings.push(`The pod template's ${written(at)} is not known here and ${otherwise}`);
    }
  }
}

const KINDS: Readonly<Record<FieldKind, readonly [(value: unknown) => boolean, string]>> = {
  text: [(value) => typeof value === "string", "text"],
  number: [(value) => typeof value === "number", "a number"],
  boolean: [(value) => typeof value === "boolean", "true or false"],
  object: [isPlain, "an object"],
  texts: [(value) => Array.isArray(value), "a list of texts"],
  objects: [(value) => Array.isArray(value), "a list of objects"],
  map: [isPlain, "an object of texts"],
  anything: [() => true, "anything"],
};

/** `null` is a value of every kind: it takes away, or is nothing. */
function checkKind(value: unknown, kind: FieldKind, path: FieldPath): void {
  const [holds, wanted] = KINDS[kind];
  if (value === null || value === undefined) return;
  if (!holds(value)) throw new Found(path, `${written(path)} must be ${wanted}${hint(value, kind)}`);
  if (kind === "objects") {
    for (const [index, entry] of (value as unknown[]).entries())
      checkKind(entry ?? "", "object", [...path, index]);
  }
  if (kind === "texts" || kind === "map") {
    for (const [key, entry] of Object.entries(value)) {
      checkKind(entry ?? "", "text", [...path, kind === "texts" ? Number(key) : key]);
    }
  }
}

function hint(value: unknown, kind: FieldKind): string {
  return kind === "text" && (typeof value === "number" || typeof value === "boolean")
    ? `: write "${value}" in quotes`
    : "";
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown): Plain {
  return isPlain(value) ? value : {};
}

function list(value: unknown): readonly Plain[] {
  return Array.isArray(value) ? value : [];
}

/** `spec.containers[1].env`. */
function written(path: FieldPath): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}
