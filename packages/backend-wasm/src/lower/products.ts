import { bytesPer, type DType, type Equation, isFloat, type Shape, sizeOf, stridesOf } from "@ansatz/backend";
import type * as core from "@ansatz/backend/core";
import { matmulStep } from "../emit/matmul";
import { mul } from "../emit/ops";
import { at, type Matrix, type Ref } from "../plan/func";
import { gemmScratchBytes } from "../runtime";
import type { Lowering } from "./lowering";
import { reduce } from "./reductions";
import { lowering } from "./rule";
import { transposed } from "./shape";
import { along, type Index, pointwise, remap, type Stored, type Value, without } from "./value";

/** Multiplications below which a plain loop, open to fusion, beats a call of the matrix kernel. */
export const smallProduct = 2048;
/** Axes of an operand of dotGeneral in their three roles. */
interface Roles {
  readonly batch: readonly number[];
  readonly free: readonly number[];
  readonly contract: readonly number[];
}

export const dotGeneral = lowering<core.DotParams>("dotGeneral", (l, p, [a, b], eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  const other = (v: Value, drop: readonly number[]) => without([...v.shape.keys()], drop);
  const ra: Roles = {
    batch: p.lhsBatch,
    contract: p.lhsContract,
    free: other(a, [...p.lhsBatch, ...p.lhsContract]),
  };
  const rb: Roles = {
    batch: p.rhsBatch,
    contract: p.rhsContract,
    free: other(b, [...p.rhsBatch, ...p.rhsContract]),
  };
  const extent = (v: Value, axes: readonly number[]) => axes.reduce((n, k) => n * v.shape[k], 1);
  const [m, n, k] = [extent(a, ra.free), extent(b, rb.free), extent(a, ra.contract)];
  if (!isFloat(dtype) || k <= 1 || m * n * k < smallProduct || sizeOf(shape) === 0)
    return [loopProduct(l, a, ra, b, rb, dtype, shape)];
  const [x, y] = [l.store(a), l.store(b)];
  const first = ra.batch.length;
  if (!readTurned(l, eq, first, ra.free.length)) return [matrixProduct(l, x, ra, y, rb, shape, [m, n, k])];
  // Cᵀ = Bᵀ·Aᵀ: made the way it is read, and seen turned back.
  const axes = [...shape.keys()];
  const turn = [
    ...axes.slice(0, first),
    ...axes.slice(first + ra.free.length),
    ...axes.slice(first, first + ra.free.length),
  ];
  const turned = matrixProduct(
    l,
    y,
    rb,
    x,
    ra,
    turn.map((t) => shape[t]),
    [n, m, k],
  );
  return [
    transposed(
      turned,
      axes.map((t) => turn.indexOf(t)),
    ),
  ];
});

/** Whether all that is read of a product is its transpose, the free axes of the operands exchanged. */
const readTurned = (l: Lowering, eq: Equation, batch: number, free: number): boolean => {
  const readers = l.readersOf(eq.outputs[0]);
  const rank = eq.outputs[0].aval.shape.length;
  return (
    readers !== undefined &&
    readers.length > 0 &&
    readers.every(
      ({ op, params }) =>
        op.name === "transpose" &&
        op.core &&
        (params.permutation as readonly number[]).every((axis, to) =>
          to < batch ? axis === to : to < rank - free ? axis === to + free : axis === to - (rank - free) + batch,
        ),
    )
  );
};

/** As a multiplication summed over the contracted axes: one nest, into which neighbours may fuse. */
const loopProduct = (l: Lowering, a: Value, ra: Roles, b: Value, rb: Roles, dtype: DType, shape: Shape): Value => {
  const rank = shape.length + ra.contract.length;
  const view = (v: Value, r: Roles, free: number, others: number): Value => {
    const index: Index[] = [];
    r.batch.forEach((axis, i) => (index[axis] = along(i, rank)));
    r.free.forEach((axis, i) => (index[axis] = along(free + i, rank)));
    r.contract.forEach((axis, i) => (index[axis] = along(shape.length + i, rank)));
    return remap(others > 1 ? l.repeatable(v) : v, full, index);
  };
  const full = [...shape, ...ra.contract.map((k) => a.shape[k])];
  const [nb, na] = [ra.batch.length, ra.free.length];
  const x = view(a, ra, nb, sizeOf(rb.free.map((k) => b.shape[k])));
  const y = view(b, rb, nb + na, sizeOf(ra.free.map((k) => a.shape[k])));
  const product = pointwise(mul, dtype, full, x, y);
  return reduce(
    "sum",
    product,
    ra.contract.map((_, i) => shape.length + i),
  );
};

/** One stride for a group of axes, or undefined if they cannot be walked as one. */
const together = (s: Stored, axes: readonly number[]): number | undefined => {
  let stride = 0;
  let reach: number | undefined;
  for (const a of [...axes].reverse()) {
    if (s.shape[a] === 1) continue;
    if (reach === undefined) stride = s.strides[a];
    else if (s.strides[a] !== reach) return undefined;
    reach = s.strides[a] * s.shape[a];
  }
  return stride;
};

export const productScratch = (l: Lowering, dtype: DType, m: number, n: number, k: number): Ref =>
  at(l.buffer(gemmScratchBytes(dtype === "float64" ? "f64" : "f32", m, n, k)));

const matrixProduct = (
  l: Lowering,
  a0: Stored,
  ra: Roles,
  b0: Stored,
  rb: Roles,
  shape: Shape,
  [m, n, k]: readonly [number, number, number],
): Value => {
  const dtype = a0.dtype as "float64" | "float32";
  const out = l.fresh({ dtype, shape });
  // Axes in an order that no strides can express are brought together by a copy.
  const ordered = (s: Stored, r: Roles, first: "free" | "contract"): { s: Stored; r: Roles } => {
    if (together(s, r.free) !== undefined && together(s, r.contract) !== undefined) return { s, r };
    const second = first === "free" ? r.contract : r.free;
    const order = [...r.batch, ...r[first], ...second];
    const index: Index[] = [];
    order.forEach((axis, to) => (index[axis] = along(to, order.length)));
    const moved = remap(
      s,
      order.map((x) => s.shape[x]),
      index,
    );
    const places = (axes: readonly number[]) => axes.map((x) => order.indexOf(x));
    return {
      s: l.contiguous(moved),
      r: { batch: places(r.batch), free: places(r.free), contract: places(r.contract) },
    };
  };
  const left = ordered(a0, ra, "free");
  const right = ordered(b0, rb, "contract");
  const extents = left.r.batch.map((x) => left.s.shape[x]);
  const matrix = (
    s: Stored,
    rows: readonly number[],
    columns: readonly number[],
    batch: readonly number[],
  ): Matrix => ({
    ref: at(s.buffer, s.offset * bytesPer[dtype]),
    row: together(s, rows)!,
    column: together(s, columns)!,
    batch,
  });
  const strides = stridesOf([...extents, m, n]);
  const keep = extents.map((_, i) => i).filter((i) => extents[i] !== 1);
  const pick = (all: readonly number[]) => keep.map((i) => all[i]);
  l.steps.push({
    kind: "matmul",
    type: matmulStep,
    dtype,
    batch: pick(extents),
    m,
    n,
    k,
    a: matrix(left.s, left.r.free, left.r.contract, pick(left.r.batch.map((x) => left.s.strides[x]))),
    b: matrix(right.s, right.r.contract, right.r.free, pick(right.r.batch.map((x) => right.s.strides[x]))),
    c: { ref: at(out.buffer), row: n, column: 1, batch: pick(strides) },
    scratch: productScratch(l, dtype, m, n, k),
  });
  return out;
};
