import type { Formula } from "./formula";

/** The names that stand in a formula, each once, in order of appearance. */
export const formulaNames = (f: Formula): string[] => {
  if (f.kind === "number") return [];
  if (f.kind === "name") return [f.name];
  if (f.kind === "call" || f.kind === "neg") return formulaNames(f.of);
  return [...new Set([...formulaNames(f.left), ...formulaNames(f.right)])];
};

/** How tightly each kind binds, from sums to atoms. */
const strength = { add: 1, sub: 1, neg: 1, mul: 2, div: 4, call: 3, pow: 3, name: 4, number: 4 };
const known = ["sin", "cos", "tan", "log", "tanh", "sinh", "cosh"];
const own: Readonly<Record<string, string>> = { asin: "arcsin", acos: "arccos", atan: "arctan" };

/** A formula in TeX. */
export const formulaTex = (f: Formula): string => {
  const within = (g: Formula, least: number): string => {
    const weak = g.kind === "number" && g.value < 0 ? 1 : strength[g.kind];
    return weak < least ? String.raw`\left(${formulaTex(g)}\right)` : formulaTex(g);
  };
  switch (f.kind) {
    case "number":
      return f.value === Math.PI ? String.raw`\pi` : f.value === Math.E ? "e" : String(Number(f.value.toPrecision(8)));
    case "name":
      return f.name.replace(/^(\p{L}+)(\d+)$/u, "$1_{$2}");
    case "call": {
      if (f.name === "sqrt") return String.raw`\sqrt{${formulaTex(f.of)}}`;
      if (f.name === "exp") return `e^{${formulaTex(f.of)}}`;
      if (f.name === "abs") return String.raw`\left|${formulaTex(f.of)}\right|`;
      const name = own[f.name] ?? f.name;
      const head = known.includes(name) || name !== f.name ? `\\${name}` : String.raw`\operatorname{${name}}`;
      return String.raw`${head}\left(${formulaTex(f.of)}\right)`;
    }
    case "neg":
      return `-${within(f.of, 2)}`;
    case "add":
      return `${within(f.left, 1)} + ${within(f.right, 1)}`;
    case "sub":
      return `${within(f.left, 1)} - ${within(f.right, 2)}`;
    case "mul": {
      const right = within(f.right, 3);
      // Two numbers side by side would be one
      return `${within(f.left, 2)}${/^[\d.]/.test(right) ? String.raw` \cdot ` : String.raw`\,`}${right}`;
    }
    case "div":
      return String.raw`\frac{${formulaTex(f.left)}}{${formulaTex(f.right)}}`;
    case "pow":
      return `${within(f.left, f.left.kind === "div" ? 5 : 4)}^{${formulaTex(f.right)}}`;
  }
};
