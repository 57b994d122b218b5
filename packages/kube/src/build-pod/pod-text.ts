/** Kubernetes expands `$(NAME)` in commands, arguments and values; `$$` is one `$` of ours (API reference, core/v1 Container, args). */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** Environment as Kubernetes writes it, every value meaning itself. */
export function environment(values: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: literal(value) }));
}

/** A value that is legal for a label (at most 63 of `A-Za-z0-9-_.`, framed by letters or digits). */
export function labelValue(text: string): string {
  const legal = text.replace(/[^A-Za-z0-9_.-]/g, "-").slice(0, 63);
  return legal.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
