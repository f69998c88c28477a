import { type Aval, sizeOf } from "../aval";
import { buildProgram } from "../build";
import { isFloat, isInteger, isNumeric } from "../dtype";
import type { Op } from "../op";
import * as core from "../ops/all";
import { literal } from "../program";
import { bound, type Pool, type Value } from "./arbitrary-pool";

/** Adds an equation or a few to the pool, if it holds fitting operands. */
export type Step = (p: Pool) => void;

const float = (a: Aval): boolean => isFloat(a.dtype);
const integer = (a: Aval): boolean => isInteger(a.dtype);
const numeric = (a: Aval): boolean => isNumeric(a.dtype);
const axisOf = (p: Pool, a: Aval): number => p.below(a.shape.length);
const hasAxis = (a: Aval): boolean => a.shape.length > 0;
const nonEmpty = (a: Aval): boolean => hasAxis(a) && sizeOf(a.shape) > 0;

/** Runs a step on a random operand, where there is one. */
const on =
  (fits: (a: Aval, v: Value) => boolean, step: (p: Pool, v: Value, a: Aval) => void): Step =>
  (p) => {
    const v = p.pick(fits);
    if (v) step(p, v, v.atom.aval);
  };
const onExact = (fits: (a: Aval) => boolean, step: (p: Pool, v: Value, a: Aval) => void): Step =>
  on((a, v) => v.err === 0 && fits(a), step);

// err of f(x, y) in epsilons: Lipschitz constants of f on [-8, 8], plus what rounding results of that size adds on both sides.
const arithmetic = on(numeric, (p, x) => {
  const y = p.like(x);
  const fuzzy = x.err + y.err > 0;
  const [op, err] = p.choose([
    [core.add, x.err + y.err + 4 * bound],
    [core.sub, x.err + y.err + 4 * bound],
    [core.mul, bound * (x.err + y.err) + 4 * bound * bound],
    [core.max, Math.max(x.err, y.err)],
    [core.min, Math.max(x.err, y.err)],
  ] as const);
  p.bounded(op, {}, [x, y], fuzzy ? err : 0);
});
const oneOperand = on(numeric, (p, x) => p.apply(p.choose([core.neg, core.abs]), {}, [x], x.err));
const curve = on(float, (p, x) => {
  const [op, err] = p.choose([
    [core.tanh, x.err + 8],
    [core.sin, x.err + 8],
    [core.cos, x.err + 8],
    [core.erf, 2 * x.err + 8],
    [core.atan, x.err + 16],
  ] as const);
  p.apply(op, {}, [x], err);
});
const rounding = onExact(float, (p, x) =>
  p.apply(p.choose([core.floor, core.ceil, core.round, core.trunc, core.sign]), {}, [x]),
);
const comparison = onExact(
  (a) => a.dtype !== "key",
  (p, x) => p.apply(p.choose([core.eq, core.ne, core.lt, core.le, core.gt, core.ge]), {}, [x, p.like(x, true)]),
);
const bits = onExact(
  (a) => integer(a) || a.dtype === "bool",
  (p, x) =>
    p.next() < 0.2
      ? p.apply(core.not, {}, [x])
      : p.apply(p.choose([core.and, core.or, core.xor]), {}, [x, p.like(x, true)]),
);
const integers = onExact(integer, (p, x) =>
  p.apply(p.choose([core.floorDiv, core.mod, core.shiftLeft, core.shiftRightLogical, core.shiftRightArithmetic]), {}, [
    x,
    p.like(x, true),
  ]),
);
const choice = on(
  () => true,
  (p, x, a) => {
    const y = p.like(x);
    const q = p.exact((b) => b.dtype === "bool" && (b.shape.length === 0 || String(b.shape) === String(a.shape)));
    if (q) p.apply(core.select, {}, [q, x, y], Math.max(x.err, y.err));
  },
);
const conversion = onExact(
  (a) => a.dtype !== "key",
  (p, x) => p.bounded(core.convert, { dtype: p.choose(p.dtypes.filter((d) => d !== "key")) }, [x]),
);
const counting: Step = (p) => {
  const dtype = p.choose(p.dtypes.filter(isNumeric));
  const shape = p.choose([[4], [2, 3], [3, 2], [0]]);
  p.apply(core.iota, { shape, dtype, axis: p.below(shape.length) }, []);
};

const moving = on(
  () => true,
  (p, x, a) => {
    const axes = [...a.shape.keys()];
    const move = p.below(7);
    if (move === 0) p.apply(core.reshape, { shape: [sizeOf(a.shape)] }, [x], x.err);
    else if (move === 1) p.apply(core.transpose, { permutation: axes.toReversed() }, [x], x.err);
    else if (move === 2 && a.shape.length < 3)
      p.apply(core.broadcast, { shape: [2, ...a.shape], axes: axes.map((k) => k + 1) }, [x], x.err);
    else if (move === 3) p.apply(core.reverse, { axes: axes.filter(() => p.next() < 0.5) }, [x], x.err);
    else if (move === 4) {
      const start = a.shape.map((d) => p.below(d + 1));
      const limit = a.shape.map((d, k) => start[k] + p.below(d - start[k] + 1));
      p.apply(core.slice, { start, limit, strides: axes.map(() => 1 + p.below(2)) }, [x], x.err);
    } else if (move === 5 && hasAxis(a) && sizeOf(a.shape) < 40) {
      const axis = axisOf(p, a);
      const y = p.like(x);
      p.apply(core.concatenate, { axis }, [x, y], Math.max(x.err, y.err));
    } else if (move === 6 && a.dtype !== "key" && sizeOf(a.shape) < 40) {
      const value = { atom: literal(p.below(2), a.dtype), err: 0 };
      p.apply(
        core.pad,
        { low: axes.map(() => p.below(2)), high: axes.map(() => p.below(2)), interior: axes.map(() => p.below(2)) },
        [x, value],
        x.err,
      );
    }
  },
);

const reducing = on(
  (a) => numeric(a) && hasAxis(a),
  (p, x, a) => {
    const axes = [...a.shape.keys()].filter(() => p.next() < 0.6);
    const n = sizeOf(axes.map((k) => a.shape[k]));
    const err = x.err && n * (x.err + 4 * bound * n);
    p.bounded(core.reduceSum, { axes }, [x], err);
    if (n > 0) p.apply(p.choose([core.reduceMax, core.reduceMin]), { axes }, [x], x.err);
    if (integer(a)) p.apply(core.reduceProd, { axes }, [x]);
  },
);
const deciding = onExact(
  (a) => a.dtype !== "key" && nonEmpty(a),
  (p, x, a) => p.apply(p.choose([core.argmax, core.argmin]), { axis: axisOf(p, a) }, [x]),
);
const allOrAny = onExact(
  (a) => a.dtype === "bool" && hasAxis(a),
  (p, x, a) => p.apply(p.choose([core.reduceAnd, core.reduceOr]), { axes: [axisOf(p, a)] }, [x]),
);
const running = onExact(
  (a) => numeric(a) && hasAxis(a),
  (p, x, a) =>
    p.bounded(p.choose([core.cumSum, core.cumMax, core.cumMin]), { axis: axisOf(p, a), reverse: p.next() < 0.5 }, [x]),
);
const product = on(
  (a) => numeric(a) && hasAxis(a),
  (p, x, a) => {
    const k = axisOf(p, a);
    const y = p.pick((b) => b.dtype === a.dtype && b.shape.includes(a.shape[k]));
    if (!y || sizeOf(a.shape) * sizeOf(y.atom.aval.shape) > 400) return;
    const n = a.shape[k];
    const params = { lhsContract: [k], rhsContract: [y.atom.aval.shape.indexOf(n)], lhsBatch: [], rhsBatch: [] };
    const err = x.err + y.err && n * (bound * (x.err + y.err) + 4 * bound * bound * n);
    p.bounded(core.dotGeneral, params, [x, y], err);
  },
);
const sorting = onExact(
  (a) => a.dtype !== "key" && hasAxis(a),
  (p, x, a) => p.apply(core.sort, { axis: axisOf(p, a), keys: 1 }, [x, p.like(x, true)]),
);

const indexing = on(nonEmpty, (p, x, a) => {
  const axis = axisOf(p, a);
  const index = p.exact((b) => b.dtype === "int32" && b.shape.length === 1 && b.shape[0] > 0);
  if (!index || sizeOf(a.shape) * index.atom.aval.shape[0] > 200) return;
  const n = index.atom.aval.shape[0];
  const [column] = p.emit(core.reshape, { shape: [n, 1] }, index.atom);
  const at = { atom: column, err: 0 };
  const params = { batch: 0, axes: [axis] };
  const [g] = p.apply(
    core.gather,
    { ...params, mode: p.choose(["clip", "fill"] as const), fillValue: 1 },
    [x, at],
    x.err,
  );
  if (g && a.dtype !== "key" && a.dtype !== "bool")
    p.bounded(core.scatter, { ...params, kind: p.choose(["set", "max", "min"] as const) }, [x, at, g], x.err);
  if (g && integer(a)) p.apply(core.scatter, { ...params, kind: "add" }, [x, at, g]);
});
const blocks = on(nonEmpty, (p, x, a) => {
  const starts = a.shape.map(() => ({
    atom: p.exact((b) => b.dtype === "int32" && b.shape.length === 0)?.atom ?? p.int(p.below(4) - 1),
    err: 0,
  }));
  const [cut] = p.apply(core.dynamicSlice, { sizes: a.shape.map((d) => 1 + p.below(d)) }, [x, ...starts], x.err);
  if (cut) p.apply(core.dynamicUpdateSlice, {}, [x, cut, ...starts.toReversed()], x.err);
});
const drawing = onExact(
  (a) => a.dtype === "key" && sizeOf(a.shape) < 20,
  (p, k) => {
    if (p.next() < 0.5) p.apply(core.randomSplit, { shape: [2] }, [k]);
    else if (p.dtypes.includes("uint32"))
      p.apply(core.randomBits, { shape: [3], width: p.choose([32, 64] as const) }, [k]);
  },
);

const magnitude: Op = {
  name: "magnitude",
  core: false,
  abstract: ([a]) => [a],
  compose: ([a]) => buildProgram([a], (emit, x) => emit(core.max, {}, x, emit(core.neg, {}, x)[0])),
};
const mirrored: Op = {
  name: "mirrored",
  core: false,
  abstract: ([a]) => [a],
  host: ([a]) => [a.data.slice().reverse()],
};
const extension = on(numeric, (p, x) => p.apply(p.choose([magnitude, mirrored]), {}, [x], x.err));

export const plainSteps: readonly Step[] = [
  arithmetic,
  arithmetic,
  arithmetic,
  oneOperand,
  curve,
  curve,
  rounding,
  comparison,
  bits,
  integers,
  choice,
  conversion,
  counting,
  moving,
  moving,
  moving,
  reducing,
  reducing,
  deciding,
  allOrAny,
  running,
  product,
  sorting,
  indexing,
  blocks,
  drawing,
  extension,
];
