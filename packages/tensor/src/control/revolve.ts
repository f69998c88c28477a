import type { Aval, Program } from "@ansatz/backend";
import { hostTensor, scalar, type Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { add, min, sub } from "../ops/arithmetic";
import { convert, select } from "../ops/choice";
import { and, eq, gt, lt } from "../ops/comparison";
import { reduceSum } from "../ops/reductions";
import { broadcast, reshape } from "../ops/shape";
import { dynamicSlice, dynamicUpdateSlice } from "../ops/slicing";
import { evalProgram, traceClosed } from "../transforms/program-trace";
import { scan } from "./scan";
import { scanOp } from "./scan-op";
import { fori, whileLoop } from "./while";

/** The operands of a reverse pass: constants and the first carry of the forward recurrence, its xs, and the cotangents. */
export interface ReverseScan<T> {
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
  /** Cotangents of the last carry, and the sums of those of constants so far. */
  readonly cotangents: readonly T[];
  /** Cotangents of the stacked results. */
  readonly ys: readonly T[];
}

export interface Reverse {
  /** (consts, carry, x) → carry */
  readonly advance: Program;
  /** (consts, carry, cotangents, x, ȳ) → (cotangents, cotangents of x) */
  readonly step: Program;
  readonly shape: ReverseScan<Aval>;
  readonly length: number;
  /** Time runs from the last x to the first. */
  readonly reverse: boolean;
}

/** x[i], and x with v at i. */
const entry = (x: Tensor, i: Tensor): Tensor => {
  const rest = x.shape.slice(1);
  return reshape(dynamicSlice(x, [i, ...rest.map(() => int(0))], [1, ...rest]), rest);
};
const put = (x: Tensor, v: Tensor, i: Tensor): Tensor =>
  dynamicUpdateSlice(x, reshape(v, [1, ...v.shape]), [i, ...v.shape.map(() => int(0))]);

const int = (n: number): Tensor => scalar(n, "int32");

/** Cuts the inputs of a program into operands. */
const operandsOf = (shape: ReverseScan<Aval>, vars: readonly Tensor[]): ReverseScan<Tensor> => {
  let at = 0;
  const take = (of: readonly Aval[]): readonly Tensor[] => vars.slice(at, (at += of.length));
  return {
    consts: take(shape.consts),
    carry: take(shape.carry),
    xs: take(shape.xs),
    cotangents: take(shape.cotangents),
    ys: take(shape.ys),
  };
};
const avalsOf = ({ consts, carry, xs, cotangents, ys }: ReverseScan<Aval>): Aval[] =>
  [...consts, ...carry, ...xs, ...cotangents, ...ys].map((a) => ({ shape: a.shape, dtype: a.dtype }));

/** The pass that keeps every carry: a scan forwards that stacks them, and the transposed scan. Its first input, the table of `revolving`, is not used. */
export const keepingAll = ({ advance, step, shape, length, reverse }: Reverse, table: Aval): Program =>
  traceClosed(
    ([, ...vars]) => {
      const o = operandsOf(shape, vars);
      const n = o.carry.length;
      const states = bind(scanOp, [...o.consts, ...o.carry, ...o.xs], {
        body: {
          ...advance,
          outputs: [...advance.outputs, ...advance.inputs.slice(o.consts.length, o.consts.length + n)],
        },
        length,
        consts: o.consts.length,
        carry: n,
        reverse,
      }).slice(n);
      // the carry comes as one more x
      const at = o.consts.length;
      const ins = step.inputs;
      const body = {
        ...step,
        inputs: [
          ...ins.slice(0, at),
          ...ins.slice(at + n, at + n + o.cotangents.length),
          ...ins.slice(at, at + n),
          ...ins.slice(at + n + o.cotangents.length),
        ],
      };
      return bind(scanOp, [...o.consts, ...o.cotangents, ...states, ...o.xs, ...o.ys], {
        body,
        length,
        consts: at,
        carry: o.cotangents.length,
        reverse: !reverse,
      });
    },
    [table, ...avalsOf(shape)],
    "transpose",
  );

/** β(c, r) = (c + r)! / (c! r!): the longest chain that c checkpoints reverse with no step run more than r times beforehand; [c, r], int32. */
export const checkpointTable = (snapshots: number, length: number): Tensor => {
  const rows: number[][] = Array.from({ length: snapshots + 1 }, () => [1]);
  for (let r = 1; rows[snapshots][r - 1] < length; r++) {
    rows[0].push(1);
    for (let c = 1; c <= snapshots; c++) rows[c].push(Math.min(rows[c - 1][r] + rows[c][r - 1], 2 ** 30));
  }
  return hostTensor(Int32Array.from(rows.flat()), [rows.length, rows[0].length], "int32");
};

/**
 * Griewank's binomial schedule (treeverse, Revolve): to reverse the step at time i, start from the nearest kept carry at or before it; while there is a free
 * place, keep the carry at the optimal split on the way. A chain of L steps with c checkpoints is split after
 *
 *   m = min(β(c, r-1), L - β(c-1, r-1)),   r the least with β(c, r) ≥ L,
 *
 * so that no step runs more than r times beforehand.
 *
 * @see Griewank & Walther 2000, "Algorithm 799: revolve", ACM TOMS 26(1)
 */
export const revolving = (r: Reverse & { readonly snapshots: number }, table: Aval): Program => {
  const { advance, step, shape, length, reverse } = r;
  const { snapshots } = r;
  const width = table.shape[1];
  return traceClosed(
    ([beta, ...vars]) => {
      const o = operandsOf(shape, vars);
      const place = (t: Tensor): Tensor => (reverse ? sub(int(length - 1), t) : t);
      const forward = (from: Tensor, to: Tensor, state: readonly Tensor[]): Tensor[] =>
        fori(
          from,
          to,
          (t, c: Tensor[]) => evalProgram(advance, [...o.consts, ...c, ...o.xs.map((x) => entry(x, place(t)))]),
          [...state],
        );
      const split = (rest: Tensor, free: Tensor): Tensor => {
        const row = dynamicSlice(beta, [add(free, int(1)), int(0)], [1, width]);
        const before = sub(reduceSum(convert(lt(row, broadcast(rest, [1, width], [])), "int32"), [0, 1]), int(1));
        const at = (c: Tensor): Tensor => reshape(dynamicSlice(beta, [c, before], [1, 1]), []);
        return min(at(add(free, int(1))), sub(rest, at(free)));
      };
      // One place more than there are snapshots takes what is not to be kept.
      const slots = (x: Tensor): Tensor =>
        broadcast(
          x,
          [snapshots + 1, ...x.shape],
          x.shape.map((_, i) => i + 1),
        );
      const end = scan(
        (c: Loop, x: { xs: readonly Tensor[]; ys: readonly Tensor[] }) => {
          const top = sub(c.depth, int(1));
          const found = whileLoop(
            (s: Search) => lt(s.at, c.t),
            (s) => {
              const free = sub(int(snapshots), s.depth);
              const open = gt(free, int(0));
              const left = sub(c.t, s.at);
              const m = select(open, split(add(left, int(1)), select(open, free, int(1))), left);
              const at = add(s.at, m);
              const state = forward(s.at, at, s.state);
              return {
                at,
                state,
                depth: select(open, add(s.depth, int(1)), s.depth),
                places: put(s.places, at, s.depth),
                kept: s.kept.map((k, i) => put(k, state[i], s.depth)),
              };
            },
            {
              at: entry(c.places, top),
              state: c.kept.map((k) => entry(k, top)),
              depth: c.depth,
              places: c.places,
              kept: c.kept,
            } as Search,
          );
          const back = evalProgram(step, [...o.consts, ...found.state, ...c.g, ...x.xs, ...x.ys]);
          const n = c.g.length;
          const last = sub(found.depth, int(1));
          const used = and(eq(entry(found.places, last), c.t), gt(c.t, int(0)));
          const next: Loop = {
            t: sub(c.t, int(1)),
            depth: select(used, last, found.depth),
            places: found.places,
            kept: found.kept,
            g: back.slice(0, n),
          };
          return [next, back.slice(n)] as const;
        },
        { t: int(length - 1), depth: int(1), places: slots(int(0)), kept: o.carry.map(slots), g: o.cotangents } as Loop,
        { xs: o.xs, ys: o.ys },
        { reverse: !reverse, length },
      ) as unknown as [Loop, readonly Tensor[]];
      return [...end[0].g, ...end[1]];
    },
    [table, ...avalsOf(shape)],
    "transpose",
  );
};

interface Loop {
  /** The step that is reversed next: a number in the carry, not an array of them. */
  readonly t: Tensor;
  /** How many snapshots are kept, at which times, and what. */
  readonly depth: Tensor;
  readonly places: Tensor;
  readonly kept: readonly Tensor[];
  readonly g: readonly Tensor[];
}
interface Search extends Omit<Loop, "t" | "g"> {
  readonly at: Tensor;
  readonly state: readonly Tensor[];
}
