/** The first byte that is missing, from `Range: 0-N`. Undefined for `0-0`, which registries also say of nothing at all. */
export function offsetAfter(range: string | string[] | undefined): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(range ?? ""))?.[1];
  return last === undefined || last === "0" ? undefined : Number(last) + 1;
}
