import type { Aval } from "../aval";
import { sameAval, showAval } from "../aval";
import { ShapeError } from "../errors";
import { coreOp, type HostValue } from "../op";
import type { Program } from "../program";
import { first, scalarInt } from "./rules";

const avals = (atoms: Program["outputs"]): Aval[] => atoms.map((a) => a.aval);

const agree = (op: string, what: string, want: readonly Aval[], got: readonly Aval[]): void => {
  if (want.length !== got.length || want.some((a, i) => !sameAval(a, got[i])))
    throw new ShapeError(op, `${what} must agree`, { expected: want.map(showAval), seen: got.map(showAval) });
};

const predicate = (op: string, p: Program): void =>
  agree(op, "predicate", [{ shape: [], dtype: "bool" }], avals(p.outputs));

export const call = coreOp<{ readonly body: Program; readonly name: string }>({
  name: "call",
  abstract: (ins, { body }) => {
    agree("call", "operands", avals(body.inputs), ins);
    return avals(body.outputs);
  },
});

/** How a scan reads its operands, and what it repeats. */
export interface ScanParams {
  readonly [k: string]: Program | number | boolean;
  /** (consts…, carry…, x…) → (carry…, y…) */
  readonly body: Program;
  readonly length: number;
  readonly consts: number;
  readonly carry: number;
  /** Visit xs from the last to the first; ys stay aligned with xs. */
  readonly reverse: boolean;
}

export const scan = coreOp<ScanParams>({
  name: "scan",
  abstract: (ins, p) => {
    const head = p.consts + p.carry;
    for (const x of ins.slice(head))
      if (x.shape[0] !== p.length)
        throw new ShapeError("scan", `xs must have length ${p.length} on axis 0`, { xs: showAval(x) });
    const xs = ins.slice(head).map((x) => ({ shape: x.shape.slice(1), dtype: x.dtype }));
    agree("scan", "operands", avals(p.body.inputs), [...ins.slice(0, head), ...xs]);
    const out = avals(p.body.outputs);
    agree("scan", "carry in and out", ins.slice(p.consts, head), out.slice(0, p.carry));
    return [
      ...out.slice(0, p.carry),
      ...out.slice(p.carry).map((y) => ({ shape: [p.length, ...y.shape], dtype: y.dtype })),
    ];
  },
});

/** How a while loop reads its operands, what it asks and what it repeats. */
export interface WhileParams {
  readonly [k: string]: Program | number;
  /** (condConsts…, carry…) → bool scalar */
  readonly cond: Program;
  /** (bodyConsts…, carry…) → carry… */
  readonly body: Program;
  readonly condConsts: number;
  readonly bodyConsts: number;
}

export const whileLoop = coreOp<WhileParams>({
  name: "while",
  abstract: (ins, p) => {
    const cc = ins.slice(0, p.condConsts);
    const bc = ins.slice(p.condConsts, p.condConsts + p.bodyConsts);
    const carry = ins.slice(p.condConsts + p.bodyConsts);
    agree("while", "predicate operands", avals(p.cond.inputs), [...cc, ...carry]);
    predicate("while", p.cond);
    agree("while", "body operands", avals(p.body.inputs), [...bc, ...carry]);
    agree("while", "carry in and out", carry, avals(p.body.outputs));
    return carry;
  },
});

export const cond = coreOp<{ readonly branches: readonly Program[] }>({
  name: "cond",
  abstract: (ins, { branches }) => {
    scalarInt("cond", first("cond", ins), "index");
    if (branches.length === 0) throw new ShapeError("cond", "needs at least one branch");
    const out = avals(branches[0].outputs);
    for (const b of branches) {
      agree("cond", "operands", avals(b.inputs), ins.slice(1));
      agree("cond", "results of branches", out, avals(b.outputs));
    }
    return out;
  },
});

export const tap = coreOp<{ readonly callback: (...values: HostValue[]) => void }>({
  name: "tap",
  effects: "ordered",
  abstract: (ins) => ins,
});
