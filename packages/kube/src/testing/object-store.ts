import { randomUUID } from "node:crypto";

/** What every stored object has. */
export interface StoredObject {
  metadata: {
    name: string;
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
}

/** The objects of one namespace, by resource and name. */
export class ObjectStore {
  readonly #objects = new Map<string, StoredObject>();

  /** undefined: the name is taken. */
  add(resource: string, object: { metadata?: { name?: string } }): StoredObject | undefined {
    const name = object.metadata?.name ?? "";
    if (this.get(resource, name) !== undefined) return undefined;
    const metadata = {
      ...object.metadata,
      name,
      uid: randomUUID(),
      creationTimestamp: "2026-01-01T00:00:00Z",
    };
    const stored = { ...object, metadata } as StoredObject;
    this.#objects.set(`${resource}/${name}`, stored);
    return stored;
  }

  get(resource: string, name: string): StoredObject | undefined {
    return this.#objects.get(`${resource}/${name}`);
  }

  remove(resource: string, name: string): void {
    this.#objects.delete(`${resource}/${name}`);
  }

  /** Label selectors of the form `a=b,c=d`; an empty one selects all. */
  list(resource: string, selector = ""): readonly StoredObject[] {
    const wanted = selector
      .split(",")
      .filter((part) => part !== "")
      .map((part) => part.split("="));
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${resource}/`))
      .map(([, object]) => object)
      .filter(({ metadata }) => wanted.every(([key = "", value]) => metadata.labels?.[key] === value));
  }
}
