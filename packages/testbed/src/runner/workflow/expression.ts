/** What an expression may name, and the functions it may call. */
export interface ExpressionScope {
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly functions: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(==|!=|&&|\|\||[!().,[\]]))/y;
const LITERALS = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** The value of an expression (GitHub documentation, "Expressions"): the operators, contexts and functions that test workflows use. */
export function evaluate(text: string, scope: ExpressionScope): unknown {
  return new Parser(tokensOf(text), scope, text).whole();
}

/** Replaces every `${{ … }}`. */
export function interpolate(text: string, scope: ExpressionScope): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_all, expression: string) =>
    textOf(evaluate(expression, scope)),
  );
}

export function interpolateAll(
  values: Readonly<Record<string, string>>,
  scope: ExpressionScope,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, interpolate(value, scope)]));
}

export function isTrue(value: unknown): boolean {
  return value !== "" && value !== 0 && value !== false && value !== null && value !== undefined;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`Not understood in an expression: ${text.slice(at)}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

/** Recursive descent, lowest precedence first. Both sides are always evaluated: nothing here has effects. */
class Parser {
  readonly #tokens: string[];
  readonly #scope: ExpressionScope;
  readonly #text: string;

  constructor(tokens: string[], scope: ExpressionScope, text: string) {
    this.#tokens = tokens;
    this.#scope = scope;
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#or();
    if (this.#tokens.length > 0) this.#fail();
    return value;
  }

  #or(): unknown {
    let value = this.#and();
    while (this.#take("||")) {
      const right = this.#and();
      value = isTrue(value) ? value : right;
    }
    return value;
  }

  #and(): unknown {
    let value = this.#equality();
    while (this.#take("&&")) {
      const right = this.#equality();
      value = isTrue(value) ? right : value;
    }
    return value;
  }

  #equality(): unknown {
    let value = this.#unary();
    for (;;) {
      if (this.#take("==")) value = textOf(value) === textOf(this.#unary());
      else if (this.#take("!=")) value = textOf(value) !== textOf(this.#unary());
      else return value;
    }
  }

  #unary(): unknown {
    return this.#take("!") ? !isTrue(this.#unary()) : this.#access(this.#primary());
  }

  #primary(): unknown {
    const token = this.#tokens.shift() ?? this.#fail();
    if (token === "(") {
      const value = this.#or();
      this.#expect(")");
      return value;
    }
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^\d/.test(token)) return Number(token);
    if (LITERALS.has(token)) return LITERALS.get(token);
    if (this.#take("(")) return this.#called(token);
    if (!Object.hasOwn(this.#scope.contexts, token)) this.#fail();
    return this.#scope.contexts[token];
  }

  #called(name: string): unknown {
    const args: unknown[] = [];
    while (!this.#take(")")) {
      if (args.length > 0) this.#expect(",");
      args.push(this.#or());
    }
    return (this.#scope.functions[name] ?? this.#fail())(...args);
  }

  #access(start: unknown): unknown {
    let value = start;
    for (;;) {
      let key: string | undefined;
      if (this.#take(".")) key = this.#tokens.shift();
      else if (this.#take("[")) {
        key = textOf(this.#or());
        this.#expect("]");
      } else return value;
      // What is not there is null, as in GitHub's expressions.
      value = typeof value === "object" && value !== null ? Reflect.get(value, key ?? "") : null;
    }
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) this.#fail();
  }

  #fail(): never {
    throw new Error(`Not understood in the expression "${this.#text.trim()}"`);
  }
}
