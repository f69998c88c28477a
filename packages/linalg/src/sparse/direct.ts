import { aval, ShapeError } from "@ansatz/backend";
import {
  add,
  defineOp,
  expandDims,
  mul,
  neg,
  squeeze,
  sub,
  type Tensor,
  type TensorLike,
  take,
  tensor,
} from "@ansatz/tensor";
import { bind, bind1, isLinearInput, notDifferentiable, promote, stop, type TensorOp } from "@ansatz/tensor/transforms";
import { factorCholesky } from "../host/sparse-cholesky";
import { factorLu, type SparseLu, solveLu } from "../host/sparse-lu";
import { failure } from "../info";
import { leading, overBatch } from "../support";
import { productOp } from "./ops";
import type { Sparse } from "./pattern";
import { sparseAdd, sparseTranspose } from "./sparse";
import { isSymmetric, type Ordering, orderOf, type Symbolic, symbolicCholesky } from "./symbolic";
import { substitute } from "./triangular";

/** (lower triangle [q], its pointers, columns and tree, pointers and columns of R) → (R [p], info) */
const factorOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "sparseCholesky",
  abstract: (ins) => {
    const [v, r] = [ins[0], ins[5]];
    const lead = v.shape.slice(0, -1);
    return [aval([...lead, r.shape[r.shape.length - 1]], v.dtype), aval(lead, "int32")];
  },
  host: (ins, _, into) => {
    const p = ins[5].aval.shape[ins[5].aval.shape.length - 1];
    const outs = [
      { shape: [p], dtype: ins[0].aval.dtype },
      { shape: [], dtype: "int32" as const },
    ];
    return overBatch(
      ins,
      [1, 1, 1, 1, 1, 1],
      outs,
      into,
      ([v, pointers, columns, tree, starts, places], [r], [info]) => {
        const pivot = factorCholesky(starts.length - 1, v, pointers, columns, tree, starts, places, r);
        if (pivot === 0) return;
        info[0] = v.every(Number.isFinite) ? failure("notPositiveDefinite", pivot) : failure("notFinite");
        r.fill(NaN);
      },
    );
  },
  derivative: notDifferentiable("the factor is a constant of differentiation; its `solve` is not"),
  batch: (...args) => leading(() => factorOp)(...args),
});

/** (A [p], b [n, k], R, its columns and pointers, order, and rows, columns and pointers of A) → x with A x = b, for a symmetric A. */
const choleskySolveOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "sparseCholeskySolve",
  abstract: ([, b]) => [b],
  host: (ins, _, into) => {
    const b = ins[1].aval;
    const [n, k] = b.shape.slice(-2);
    const out = { shape: [n, k], dtype: b.dtype };
    return overBatch(ins, [1, 2, 1, 1, 1, 1, 1, 1, 1], [out], into, ([, rhs, r, columns, pointers, order], [x]) => {
      const y = new Float64Array(n * k);
      for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) y[i * k + j] = rhs[order[i] * k + j];
      substitute(r, columns, pointers, n, k, y, { lower: false, transposed: true });
      substitute(r, columns, pointers, n, k, y, { lower: false, transposed: false });
      for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) x[order[i] * k + j] = y[i * k + j];
    });
  },
  derivative: {
    kind: "jvp",
    // A x = b:  dx = A⁻¹ (db - dA x)
    jvp: ([values, , ...rest], [dv, db], _, [x]) => [
      bind1(choleskySolveOp, [values, moved(dv, db, x, rest.slice(4), false), ...rest], {}),
    ],
    transpose: ([g], [values, b, ...rest]) => [
      null,
      g && isLinearInput(b) ? bind1(choleskySolveOp, [values as Tensor, g, ...(rest as Tensor[])], {}) : null,
      ...rest.map(() => null),
    ],
  },
  batch: (...args) => leading(() => choleskySolveOp)(...args),
});
/** db - dA x, where either may be zero. */
const moved = (
  dv: Tensor | null,
  db: Tensor | null,
  x: Tensor,
  where: readonly Tensor[],
  transposed: boolean,
): Tensor => {
  const ax = dv && bind1(productOp, [dv, x, ...where], { transposed, size: x.shape[x.shape.length - 2] });
  return ax ? (db ? sub(db, ax) : neg(ax)) : (db as Tensor);
};

type Direction = { readonly transposed: boolean };
/** The last matrices factored, for derivatives and further right-hand sides to find: by content, so nothing depends on them but time. */
const recent: {
  values: Float64Array;
  columns: Float64Array;
  pointers: Float64Array;
  order: Float64Array;
  lu: SparseLu;
}[] = [];
const same = (x: Float64Array, y: Float64Array): boolean => {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) return false;
  return true;
};
const factored = (
  values: Float64Array,
  columns: Float64Array,
  pointers: Float64Array,
  order: Float64Array,
): SparseLu => {
  const at = recent.findIndex(
    (r) => same(r.values, values) && same(r.columns, columns) && same(r.pointers, pointers) && same(r.order, order),
  );
  if (at >= 0) return recent[at].lu;
  const [v, c, p, o] = [values, columns, pointers, order].map((a) => Float64Array.from(a));
  // rows of A are columns of Aᵀ, which is what is factored
  const lu = factorLu(p.length - 1, v, Int32Array.from(p), Int32Array.from(c), Int32Array.from(o));
  recent.unshift({ values: v, columns: c, pointers: p, order: o, lu });
  recent.length = Math.min(recent.length, 2);
  return lu;
};

/** (A [p], b [n, k], rows, columns, pointers, order) → (x with A x = b or Aᵀ x = b, info) */
const luSolveOp: TensorOp<Direction> = /* @__PURE__ */ defineOp<Direction>({
  name: "sparseLuSolve",
  abstract: ([, b]) => [b, aval(b.shape.slice(0, -2), "int32")],
  host: (ins, { transposed }, into) => {
    const b = ins[1].aval;
    const [n, k] = b.shape.slice(-2);
    const outs = [
      { shape: [n, k], dtype: b.dtype },
      { shape: [], dtype: "int32" as const },
    ];
    return overBatch(ins, [1, 2, 1, 1, 1, 1], outs, into, ([v, rhs, rows, columns, pointers, order], [x], [info]) => {
      const lu = factored(v, columns, pointers, order);
      if (lu.failed > 0 || !v.every(Number.isFinite)) {
        info[0] = v.every(Number.isFinite) ? failure("singular", lu.failed) : failure("notFinite");
        x.fill(NaN);
        return;
      }
      const solved = (y: Float64Array): void => {
        for (let j = 0; j < k; j++) solveLu(lu, y, j, k, !transposed);
      };
      x.set(rhs);
      solved(x);
      // one step of refinement takes back what threshold pivoting has lost
      for (let p = 0; p < v.length; p++) {
        const [to, from] = transposed ? [columns[p], rows[p]] : [rows[p], columns[p]];
        for (let j = 0; j < k; j++) rhs[to * k + j] -= v[p] * x[from * k + j];
      }
      solved(rhs);
      for (let i = 0; i < x.length; i++) x[i] += rhs[i];
    });
  },
  derivative: {
    kind: "jvp",
    jvp: ([values, , ...rest], [dv, db], form, [x]) => [
      bind(luSolveOp, [values, moved(dv, db, x, rest.slice(0, 3), form.transposed), ...rest], form)[0],
      null,
    ],
    transpose: ([g], [values, b, ...rest], { transposed }) => [
      null,
      g && isLinearInput(b)
        ? bind(luSolveOp, [values as Tensor, g, ...(rest as Tensor[])], { transposed: !transposed })[0]
        : null,
      ...rest.map(() => null),
    ],
  },
  batch: (...args) => leading(() => luSolveOp)(...args),
});

const rightHandSide = (
  caller: string,
  a: Sparse,
  b: TensorLike,
): { values: Tensor; rhs: Tensor; undo: (x: Tensor) => Tensor } => {
  const [values, rhs] = promote(caller, [a.values, b], "float");
  const [n, m] = a.pattern.shape;
  if (n !== m || (rhs.shape.length !== 1 && rhs.shape.length !== 2) || rhs.shape[0] !== n)
    throw new ShapeError(caller, "needs A [n, n] and B [n] or [n, k]", { a: [n, m], b: rhs.shape });
  const vector = rhs.shape.length === 1;
  return { values, rhs: vector ? expandDims(rhs, 1) : rhs, undo: (x) => (vector ? squeeze(x, 1) : x) };
};

export interface SparseSolution {
  readonly x: Tensor;
  readonly info: Tensor;
}
export interface SparseSolveOptions {
  /** The order of elimination; "amd" by default. */
  readonly ordering?: Ordering;
}
/**
 * The solution of A X = B for a sparse A [n, n] by elimination (LU with threshold pivoting and one step of refinement); B is [n] or [n, k]. NaN where A is
 * singular, as `info` then says. The order is found once for a pattern. Derivatives in the values of A and in B, in both modes and to every order, cost one more
 * solve with the factors at hand.
 *
 * @see sparseCholesky for symmetric positive definite matrices, at half the work; cg and gmres where factors are too large
 * @example sparseSolve(sparse({ shape: [2, 2], rows: [0, 1], columns: [1, 0], values: [2, 4] }), [2, 4]).x // [1, 1]
 */
export const sparseSolve = (
  a: Sparse,
  b: TensorLike,
  { ordering = "amd" }: SparseSolveOptions = {},
): SparseSolution => {
  const { values, rhs, undo } = rightHandSide("sparseSolve", a, b);
  const order = tensor(orderOf("sparseSolve", a.pattern, ordering));
  const [x, info] = bind(luSolveOp, [values, rhs, ...a.pattern.tensors, order], { transposed: false });
  return { x: undo(x), info };
};

export interface SparseCholesky {
  /** L, lower triangular, a constant of differentiation. */
  readonly l: Sparse;
  /** Row i of P A Pᵀ is row permutation[i] of A. */
  readonly permutation: Int32Array;
  /** The first pivot that was not positive, counted in the permuted order. */
  readonly info: Tensor;
  /** A⁻¹ B for B [n] or [n, k], with derivatives in the values of A and in B. */
  readonly solve: (b: TensorLike) => Tensor;
}
/**
 * The Cholesky factorization P A Pᵀ = L Lᵀ of a sparse symmetric positive definite matrix, of which the symmetric part is taken. The order and the places of L are
 * found once for a pattern; then only numbers are computed.
 *
 * @example sparseCholesky(sparseFromDense([[4, 2], [2, 3]])).solve([8, 7]) // [1.25, 1.5]
 */
export const sparseCholesky = (a: Sparse, { ordering = "amd" }: SparseSolveOptions = {}): SparseCholesky => {
  const m = symmetrised(a);
  const s: Symbolic = symbolicCholesky("sparseCholesky", m.pattern, ordering);
  const [, places, starts] = s.r.tensors;
  const [r, info] = bind(factorOp, [take(stop(m.values), s.source), ...s.lower, starts, places], {});
  return {
    l: sparseTranspose(s.r(r)),
    permutation: s.order,
    info,
    solve: (b) => {
      const { values, rhs, undo } = rightHandSide("sparseCholesky.solve", m, b);
      const factor = r.astype(values.dtype);
      return undo(
        bind1(choleskySolveOp, [values, rhs, factor, places, starts, tensor(s.order), ...m.pattern.tensors], {}),
      );
    },
  };
};
/** ½(A + Aᵀ) on a symmetric pattern. */
const symmetrised = (a: Sparse): Sparse => {
  const half = a.pattern(mul(0.5, a.values));
  if (a.pattern.shape[0] !== a.pattern.shape[1]) return a;
  if (!isSymmetric(a.pattern)) return sparseAdd(half, sparseTranspose(half));
  return a.pattern(add(half.values, sparseTranspose(half).values));
};
