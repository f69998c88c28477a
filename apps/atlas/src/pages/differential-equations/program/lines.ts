import type { Sweeps } from "@ansatz/experiments";
import type { Edge, Line } from "./protocol";

const low = "₀₁₂₃₄₅₆₇₈₉";
const subscript = (k: number): string => [...String(k)].map((d) => low[Number(d)]).join("");
const infix: Readonly<Record<string, string>> = { add: "+", sub: "−", mul: "·", div: "/" };

/** Lines and edges in the names and signs of the text: w₁, w₂, … and `w₁ + w₂` for the printed `c:float64[] = add a b`. */
export const readable = ({ lines, reverse }: Sweeps): { lines: Line[]; edges: Edge[] } => {
  const names = new Map(lines.map(({ name }, k) => [name, `w${subscript(k + 1)}`]));
  const nameOf = (printed: string): string => names.get(printed) ?? printed.replace("-", "−");
  return {
    lines: lines.map(({ name, text, label, op = "", value, tangent, adjoint }) => {
      const operands = (/= \w+(?:\[[^\]]*\])? ?(.*)$/.exec(text)?.[1] ?? "").split(" ").filter(Boolean).map(nameOf);
      const sign = infix[op];
      const spelled =
        sign && operands.length === 2
          ? operands.join(` ${sign} `)
          : op === "neg"
            ? `−${operands[0]}`
            : `${op}(${operands.join(", ")})`;
      return {
        name: nameOf(name),
        text: label ?? spelled,
        op: label ?? sign ?? (op === "neg" ? "−" : op),
        input: label !== undefined,
        value,
        tangent,
        adjoint,
      };
    }),
    edges: [...reverse].reverse().map(({ from, to, partial }) => ({ from: nameOf(to), to: nameOf(from), partial })),
  };
};
