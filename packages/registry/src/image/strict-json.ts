/** JSON of an image, with what is wrong with it that JSON.parse does not mind. */
export interface StrictJson {
  readonly value: unknown;
  /** undefined: nothing. */
  readonly laxness?: string;
}

const LAX_UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads JSON as strictly as RFC 8259 and the I-JSON profile (RFC 7493) are. Throws where it is none. */
export function parseStrictJson(bytes: Buffer): StrictJson {
  const text = LAX_UTF8.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (!isUtf8(bytes)) return { value, laxness: "bytes that are no UTF-8" };
  const twice = repeatedKey(text);
  return twice === undefined ? { value } : { value, laxness: `the key ${twice} twice in one object` };
}

function isUtf8(bytes: Buffer): boolean {
  try {
    STRICT_UTF8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Of text that is JSON: which parser takes the first and which the last of two is anybody's guess. */
function repeatedKey(json: string): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{") objects.push(new Set());
    else if (token === "[") objects.push(undefined);
    else if (token === "}" || token === "]") objects.pop();
    else if (token.endsWith(":")) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      const keys = objects.at(-1);
      if (keys?.has(key)) return JSON.stringify(key);
      keys?.add(key);
    }
  }
  return undefined;
}
