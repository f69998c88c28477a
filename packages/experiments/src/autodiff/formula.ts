import {
  abs,
  acos,
  add,
  asin,
  atan,
  cos,
  cosh,
  DomainError,
  div,
  erf,
  exp,
  fullLike,
  log,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  sub,
  type Tensor,
  tan,
  tanh,
} from "@ansatz/tensor";

type FunctionName =
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "exp"
  | "log"
  | "sqrt"
  | "sigmoid"
  | "erf"
  | "abs"
  | "sign";
/**
 * Formulas as a person types them: + − * / ^, parentheses, numbers, names, and functions of one argument; "2x" and "2 sin x" multiply. A formula is a tree;
 * it evaluates on tensors, and has a derivative that is a formula again.
 */
export type Formula =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "call"; readonly name: FunctionName; readonly of: Formula }
  | { readonly kind: "neg"; readonly of: Formula }
  | { readonly kind: "add" | "sub" | "mul" | "div" | "pow"; readonly left: Formula; readonly right: Formula };

const number = (value: number): Formula => ({ kind: "number", value });
const call = (name: FunctionName, of: Formula): Formula => ({ kind: "call", name, of });
const is = (f: Formula, value: number): boolean => f.kind === "number" && f.value === value;

/** The simplifications without which a derivative is unreadable: those of 0 and 1, of numbers, and of double signs. */
const sum = (a: Formula, b: Formula): Formula =>
  is(a, 0)
    ? b
    : is(b, 0)
      ? a
      : a.kind === "number" && b.kind === "number"
        ? number(a.value + b.value)
        : b.kind === "neg"
          ? difference(a, b.of)
          : { kind: "add", left: a, right: b };
const difference = (a: Formula, b: Formula): Formula =>
  is(b, 0)
    ? a
    : is(a, 0)
      ? negated(b)
      : a.kind === "number" && b.kind === "number"
        ? number(a.value - b.value)
        : b.kind === "neg"
          ? sum(a, b.of)
          : { kind: "sub", left: a, right: b };
const negated = (a: Formula): Formula =>
  a.kind === "number" ? number(-a.value) : a.kind === "neg" ? a.of : { kind: "neg", of: a };
const product = (a: Formula, b: Formula): Formula => {
  if (is(a, 0) || is(b, 0)) return number(0);
  if (is(a, 1)) return b;
  if (is(b, 1)) return a;
  if (a.kind === "number" && b.kind === "number") return number(a.value * b.value);
  if (a.kind === "neg") return negated(product(a.of, b));
  if (b.kind === "neg") return negated(product(a, b.of));
  if (b.kind === "number") return { kind: "mul", left: b, right: a };
  return { kind: "mul", left: a, right: b };
};
const quotient = (a: Formula, b: Formula): Formula =>
  is(a, 0) && !is(b, 0)
    ? a
    : is(b, 1)
      ? a
      : a.kind === "neg"
        ? negated(quotient(a.of, b))
        : { kind: "div", left: a, right: b };
const power = (a: Formula, b: Formula): Formula =>
  is(b, 1) ? a : is(b, 0) ? number(1) : { kind: "pow", left: a, right: b };

interface Function1 {
  readonly value: (x: Tensor) => Tensor;
  /** f'(u) as a formula of u. */
  readonly slope: (u: Formula) => Formula;
}
const two = number(2);
const functions: Readonly<Record<FunctionName, Function1>> = {
  sin: { value: sin, slope: (u) => call("cos", u) },
  cos: { value: cos, slope: (u) => negated(call("sin", u)) },
  tan: { value: tan, slope: (u) => sum(number(1), power(call("tan", u), two)) },
  asin: { value: asin, slope: (u) => quotient(number(1), call("sqrt", difference(number(1), power(u, two)))) },
  acos: { value: acos, slope: (u) => negated(quotient(number(1), call("sqrt", difference(number(1), power(u, two))))) },
  atan: { value: atan, slope: (u) => quotient(number(1), sum(number(1), power(u, two))) },
  sinh: { value: sinh, slope: (u) => call("cosh", u) },
  cosh: { value: cosh, slope: (u) => call("sinh", u) },
  tanh: { value: tanh, slope: (u) => difference(number(1), power(call("tanh", u), two)) },
  exp: { value: exp, slope: (u) => call("exp", u) },
  log: { value: log, slope: (u) => quotient(number(1), u) },
  sqrt: { value: sqrt, slope: (u) => quotient(number(1), product(two, call("sqrt", u))) },
  sigmoid: {
    value: sigmoid,
    slope: (u) => product(call("sigmoid", u), difference(number(1), call("sigmoid", u))),
  },
  erf: {
    value: erf,
    slope: (u) => product(number(2 / Math.sqrt(Math.PI)), call("exp", negated(power(u, two)))),
  },
  abs: { value: abs, slope: (u) => call("sign", u) },
  sign: { value: sign, slope: () => number(0) },
};
/** The functions that a formula may use. */
export const formulaFunctions = Object.keys(functions) as readonly FunctionName[];
const aliases: Readonly<Record<string, FunctionName>> = { ln: "log", arcsin: "asin", arccos: "acos", arctan: "atan" };
const constants: Readonly<Record<string, number>> = { pi: Math.PI, π: Math.PI, e: Math.E };

interface Token {
  readonly kind: "number" | "name" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
}

const tokens = (text: string): Token[] => {
  const found: Token[] = [];
  const pattern = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([\p{L}][\p{L}\d_]*)|([-+−*·/^()]))/uy;
  let at = 0;
  while (at < text.trimEnd().length) {
    pattern.lastIndex = at;
    const m = pattern.exec(text);
    if (m === null) {
      const bad = at + (text.slice(at).length - text.slice(at).trimStart().length);
      throw new DomainError("formula", "does not understand a character", { character: text[bad], position: bad });
    }
    const start = pattern.lastIndex - (m[1] ?? m[2] ?? m[3]).length;
    found.push({ kind: m[1] ? "number" : m[2] ? "name" : "symbol", text: m[1] ?? m[2] ?? m[3], at: start });
    at = pattern.lastIndex;
  }
  found.push({ kind: "end", text: "the end", at: text.length });
  return found;
};

/**
 * A formula from text, in the given variables.
 *
 * @throws {DomainError} what is not understood, and where
 * @example parseFormula("sin(x) e^(-x^2/5)", ["x"])
 */
export const parseFormula = (text: string, variables: readonly string[]): Formula => {
  const list = tokens(text);
  let at = 0;
  const next = (): Token => list[at];
  const take = (...symbols: string[]): boolean => {
    if (next().kind !== "symbol" || !symbols.includes(next().text)) return false;
    at++;
    return true;
  };
  const refuse = (law: string): never => {
    throw new DomainError("formula", law, { seen: next().text, position: next().at });
  };
  const whole = (): Formula => {
    let f = term();
    for (;;) {
      if (take("+")) f = { kind: "add", left: f, right: term() };
      else if (take("-", "−")) f = { kind: "sub", left: f, right: term() };
      else return f;
    }
  };
  const startsFactor = (): boolean =>
    next().kind === "number" || next().kind === "name" || (next().kind === "symbol" && next().text === "(");
  const term = (): Formula => {
    let f = signed();
    for (;;) {
      if (take("*", "·")) f = { kind: "mul", left: f, right: signed() };
      else if (take("/")) f = { kind: "div", left: f, right: signed() };
      else if (startsFactor()) f = { kind: "mul", left: f, right: raised() };
      else return f;
    }
  };
  const signed = (): Formula => (take("-", "−") ? { kind: "neg", of: signed() } : take("+") ? signed() : raised());
  const raised = (): Formula => {
    const base = factor();
    return take("^") ? { kind: "pow", left: base, right: signed() } : base; // from the right: x^y^z is x^(y^z)
  };
  const factor = (): Formula => {
    const t = next();
    if (t.kind === "number") {
      at++;
      return number(Number(t.text));
    }
    if (take("(")) {
      const f = whole();
      if (!take(")")) refuse("a parenthesis is not closed");
      return f;
    }
    if (t.kind !== "name") return refuse("expects a number, a name or a parenthesis");
    at++;
    if (variables.includes(t.text)) return { kind: "name", name: t.text };
    const f = aliases[t.text] ?? t.text;
    if (Object.hasOwn(functions, f)) return call(f as FunctionName, next().text === "(" ? factor() : raised());
    if (Object.hasOwn(constants, t.text)) return number(constants[t.text]);
    throw new DomainError(
      "formula",
      "does not know a name",
      { name: t.text, position: t.at },
      `variables are ${variables.join(", ")}; functions ${formulaFunctions.join(", ")}`,
    );
  };
  const f = whole();
  if (next().kind !== "end") refuse("has something left over");
  return f;
};

/** The value of a formula on tensors of one shape, by name. */
export const evaluateFormula = (f: Formula, at: Readonly<Record<string, Tensor>>): Tensor => {
  const like = Object.values(at)[0];
  const value = (g: Formula): Tensor => {
    switch (g.kind) {
      case "number":
        return fullLike(like, g.value);
      case "name":
        return at[g.name];
      case "call":
        return functions[g.name].value(value(g.of));
      case "neg":
        return neg(value(g.of));
      case "pow":
        // a plain exponent keeps whole powers of negative numbers real
        return g.right.kind === "number" ? pow(value(g.left), g.right.value) : pow(value(g.left), value(g.right));
      default: {
        const op = { add, sub, mul, div }[g.kind];
        const [a, b] = [g.left, g.right].map((h) => (h.kind === "number" ? h.value : value(h)));
        return typeof a === "number" && typeof b === "number" ? op(fullLike(like, a), b) : op(a, b);
      }
    }
  };
  return value(f);
};

/** ∂f/∂variable as a formula, by the rules of calculus: symbolic differentiation. It grows with every product and every chain. */
export const differentiateFormula = (f: Formula, variable: string): Formula => {
  const d = (g: Formula): Formula => differentiateFormula(g, variable);
  switch (f.kind) {
    case "number":
      return number(0);
    case "name":
      return number(f.name === variable ? 1 : 0);
    case "call":
      return product(functions[f.name].slope(f.of), d(f.of));
    case "neg":
      return negated(d(f.of));
    case "add":
      return sum(d(f.left), d(f.right));
    case "sub":
      return difference(d(f.left), d(f.right));
    case "mul":
      return sum(product(d(f.left), f.right), product(f.left, d(f.right)));
    case "div":
      return difference(quotient(d(f.left), f.right), quotient(product(f.left, d(f.right)), power(f.right, two)));
    case "pow": {
      const { left: u, right: v } = f;
      if (v.kind === "number") return product(product(v, power(u, number(v.value - 1))), d(u));
      const byBase = product(product(v, power(u, difference(v, number(1)))), d(u));
      return sum(byBase, product(product(f, is(u, Math.E) ? number(1) : call("log", u)), d(v)));
    }
  }
};

/** The number of nodes of a formula. */
export const formulaSize = (f: Formula): number =>
  f.kind === "number" || f.kind === "name"
    ? 1
    : f.kind === "call" || f.kind === "neg"
      ? 1 + formulaSize(f.of)
      : 1 + formulaSize(f.left) + formulaSize(f.right);

const precedence = { add: 1, sub: 1, mul: 2, div: 2, neg: 3, pow: 4, call: 5, name: 5, number: 5 };

/** A formula as text that parses to it again. */
export const showFormula = (f: Formula): string => {
  const within = (g: Formula, least: number): string => {
    const level = g.kind === "number" && g.value < 0 ? 3 : precedence[g.kind];
    return level < least ? `(${showFormula(g)})` : showFormula(g);
  };
  switch (f.kind) {
    case "number":
      return f.value === Math.PI ? "π" : f.value === Math.E ? "e" : String(f.value);
    case "name":
      return f.name;
    case "call":
      return `${f.name}(${showFormula(f.of)})`;
    case "neg":
      return `-${within(f.of, 3)}`;
    case "add":
      return `${within(f.left, 1)} + ${within(f.right, 2)}`;
    case "sub":
      return `${within(f.left, 1)} - ${within(f.right, 2)}`;
    case "mul":
      return `${within(f.left, 2)} * ${within(f.right, 3)}`;
    case "div":
      return `${within(f.left, 2)} / ${within(f.right, 4)}`;
    case "pow":
      return `${within(f.left, 5)}^${within(f.right, 5)}`;
  }
};
