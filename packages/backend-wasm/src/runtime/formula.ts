/**
 * A small language for formulas, so that a function is written once and emitted for every lane type: one float64, a pair of them,
 * four float32. It has three types: floats, integers of the same width, and truth values (masks in vectors).
 *
 *     n = x * 1.44 + 6755399441055744; k = bits(n) << 52; return abs(x) < 1 ? x : float(k);
 *
 * Statements: `name = e;`, `a, b = f(x);`, `if (c) { … } else { … }`, `return e, …;`. In vectors a condition must be `any(mask)`.
 */
export type Node =
  | { readonly op: "number"; readonly text: string; readonly value: number }
  | { readonly op: "name"; readonly name: string }
  | { readonly op: "call"; readonly name: string; readonly args: readonly Node[] }
  | { readonly op: "?"; readonly args: readonly [Node, Node, Node] }
  | { readonly op: "unary" | "binary"; readonly name: string; readonly args: readonly Node[] };

export type Statement =
  | { readonly op: "="; readonly names: readonly string[]; readonly value: Node }
  | { readonly op: "return"; readonly values: readonly Node[] }
  | {
      readonly op: "if";
      readonly condition: Node;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    };

const token =
  /\s*(?:(0x[\da-f]+|[\d.]+(?:e[-+]?\d+)?)|([a-zA-Z_]\w*)|(>>>|<<|>>|<=|>=|==|!=|[-+*/()?:<>=,;&|^~!{}]))\s*/y;

/** Binary operators by how tightly they bind. */
const levels = ["|", "^", "&", "== !=", "< <= > >=", "<< >> >>>", "+ -", "* /"].map((l) => l.split(" "));

export function parse(source: string): readonly Statement[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (!found) throw new SyntaxError(`formula: cannot read "${source.slice(at, at + 30)}"`);
    tokens.push((found[1] ?? found[2] ?? found[3]) as string);
  }
  let next = 0;
  const accept = (text: string): boolean => tokens[next] === text && ++next > 0;
  const expect = (text: string): void => {
    if (!accept(text))
      throw new SyntaxError(`formula: expected ${text} at "${tokens.slice(next, next + 8).join(" ")}"`);
  };

  const list = (close: string): Node[] => {
    const nodes: Node[] = [];
    do nodes.push(expression());
    while (accept(","));
    expect(close);
    return nodes;
  };
  const primary = (): Node => {
    const text = tokens[next++] as string;
    if (text === "(") {
      const inner = expression();
      expect(")");
      return inner;
    }
    if (text === "-" || text === "~" || text === "!") {
      const arg = primary();
      if (text === "-" && arg.op === "number") return { op: "number", text: `-${arg.text}`, value: -arg.value };
      return { op: "unary", name: text, args: [arg] };
    }
    if (/^\d|^\./.test(text)) return { op: "number", text, value: Number(text) };
    if (text === "inf" || text === "nan") return { op: "number", text, value: text === "inf" ? Infinity : Number.NaN };
    if (!accept("(")) return { op: "name", name: text };
    return { op: "call", name: text, args: list(")") };
  };
  const binary = (level: number): Node => {
    if (level === levels.length) return primary();
    let left = binary(level + 1);
    while (levels[level]?.includes(tokens[next] as string)) {
      const name = tokens[next++] as string;
      left = { op: "binary", name, args: [left, binary(level + 1)] };
    }
    return left;
  };
  const expression = (): Node => {
    const condition = binary(0);
    if (!accept("?")) return condition;
    const then = expression();
    expect(":");
    return { op: "?", args: [condition, then, expression()] };
  };
  const block = (): Statement[] => {
    expect("{");
    const body: Statement[] = [];
    while (!accept("}")) body.push(statement());
    return body;
  };
  const statement = (): Statement => {
    if (accept("return")) return { op: "return", values: list(";") };
    if (accept("if")) {
      expect("(");
      const condition = expression();
      expect(")");
      const then = block();
      return { op: "if", condition, then, otherwise: accept("else") ? block() : [] };
    }
    const names = [tokens[next++] as string];
    while (accept(",")) names.push(tokens[next++] as string);
    expect("=");
    const value = expression();
    expect(";");
    return { op: "=", names, value };
  };
  const program: Statement[] = [];
  while (next < tokens.length) program.push(statement());
  return program;
}
