/** What of valibot's schemas leads to the one at a path. */
interface SchemaNode {
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly value?: SchemaNode;
  readonly wrapped?: SchemaNode;
}

/** The fields that a schema knows at a path; an index or any name stands for every item of a list or record. */
export function fieldsAt(schema: object, path: readonly unknown[]): readonly string[] {
  let node: SchemaNode | undefined = schema as SchemaNode;
  for (const key of path) {
    node = unwrapped(node);
    node = node?.entries?.[String(key)] ?? node?.item ?? node?.value;
  }
  return Object.keys(unwrapped(node)?.entries ?? {});
}

function unwrapped(node: SchemaNode | undefined): SchemaNode | undefined {
  return node?.wrapped === undefined ? node : unwrapped(node.wrapped);
}
