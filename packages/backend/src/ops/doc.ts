import { conformanceGroups, toleranceOf } from "../conformance";
import { dtypes } from "../dtype";
import type { CoreOp } from "../op";
import * as control from "./control";
import { docs } from "./docs";
import { elementwise } from "./elementwise";
import { coreOps } from "./index";
import * as reductions from "./reductions";
import * as shape from "./shape";

/** The families of docs/ops.md; what is in none of the modules below is representation. */
const familyOf = (op: CoreOp): string => {
  const among = (ops: object): boolean => Object.values(ops).includes(op);
  if (among(elementwise)) return "Elementwise";
  if (among(reductions)) return "Reductions and contractions";
  if (among(control)) return "Control flow and effects";
  if (/^random/.test(op.name)) return "Random bits";
  if (among(shape)) return "Shape, slicing, indexing and sorting";
  return "Representation";
};

const intro = `# The core ops

The closed list of ops that every backend answers. Operands of an op have equal shapes and dtypes unless its line says otherwise:
promotion and broadcasting belong to the functions of \`tensor\`. The reference machine (\`@ansatz/backend/reference\`) is their meaning;
floats are computed in float64 and rounded once per op, sums and products of float32 are accumulated in float64 and rounded at the end.

*Within* is how near another backend must come in conformance: a multiple of the machine epsilon, relative to the result, or to the op
applied to absolute values (Σ|x|, so that cancellation is forgiven); n is the number of terms that meet in one element. A dash means
bit for bit, the signs of zeros included.

This page is generated: \`npx vitest run packages/backend/src/ops -u\` writes it anew.
`;

const within = (name: string): string => {
  const kinds = ["", "sum", "add"].map((kind) => {
    const params = kind ? { kind } : {};
    return [kind, toleranceOf(name, 0, params), toleranceOf(name, 1, params)] as const;
  });
  const [kind, none, one] = kinds.find(([, , t]) => t.eps > 0) ?? kinds[0];
  if (one.eps === 0) return "–";
  const count = one.eps === none.eps ? `${one.eps} ε` : `(n + ${none.eps}) ε`;
  return `${count}${one.of === "magnitude" ? " of Σ\\|x\\|" : ""}${kind ? ` (${kind})` : ""}`;
};

/** The text of docs/ops.md. */
export const opsMarkdown = (): string => {
  const takes = new Map<string, string[]>();
  for (const g of conformanceGroups({ dtypes })) takes.set(g.op, [...(takes.get(g.op) ?? []), g.dtype]);
  const all = (op: CoreOp): string => {
    const known = takes.get(op.name) ?? [];
    return known.length === 0 || familyOf(op).startsWith("Control")
      ? "any"
      : dtypes.filter((d) => known.includes(d)).join(", ");
  };
  const families = new Map<string, CoreOp[]>();
  for (const op of coreOps) families.set(familyOf(op), [...(families.get(familyOf(op)) ?? []), op]);
  const tables = [...families].map(([family, ops]) =>
    [
      `## ${family}`,
      "",
      "| op | meaning | dtypes | within |",
      "|---|---|---|---|",
      ...ops.map(
        (op) => `| \`${op.name}\` | ${docs[op.name].replaceAll("|", "\\|")} | ${all(op)} | ${within(op.name)} |`,
      ),
    ].join("\n"),
  );
  return `${[intro, ...tables].join("\n\n").replace("\n\n\n", "\n\n")}\n`;
};
