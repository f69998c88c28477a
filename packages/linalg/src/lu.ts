import { aval } from "@ansatz/backend";
import {
  add,
  arange,
  defineOp,
  expandDims,
  eye,
  greaterEqual,
  matmul,
  matrixTranspose,
  mul,
  neg,
  pad,
  sub,
  type Tensor,
  type TensorLike,
  takeAlongAxis,
  tril,
  triu,
} from "@ansatz/tensor";
import { bind, bind1, isLinearInput, stop, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { factorLu } from "./host/lu";
import { allFinite } from "./host/scaling";
import { solveTriangular } from "./host/triangular";
import { failure } from "./info";
import { batchOf, columns, corner, infoOf, leading, like, matrix, overBatch, rows } from "./support";
import { solveUnitLower, solveUpper } from "./triangular-solve";

/** Both factors in one matrix, the row permutation, and info. */
const luOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "lu",
  abstract: ([a]) => [a, aval([...batchOf(a, 2), rows(a)], "int32"), infoOf(a)],
  host: ([a], _, into) => {
    const [m, n] = [rows(a.aval), columns(a.aval)];
    return overBatch(
      [a],
      [2],
      [
        { shape: [m, n], dtype: a.aval.dtype, inPlaceOf: 0 },
        { shape: [m], dtype: "int32" },
        { shape: [], dtype: "int32" },
      ],
      into,
      ([x], _out, [perm, info]) => {
        const finite = allFinite(x);
        const zero = factorLu(x, m, n, perm);
        info[0] = !finite ? failure("notFinite") : zero > 0 ? failure("singular", zero) : 0;
        if (!finite) x.fill(NaN);
      },
    );
  },
  derivative: {
    kind: "jvp",
    // P dA = dL U + L dU: with M = L⁻¹ P dA U⁻¹, dL = L tril(M, -1) and dU = triu(M) U; a rectangular A is completed by the identity
    jvp: ([a], [da], _, [f, perm]) => {
      const [m, n] = [rows(a), columns(a)];
      const k = Math.min(m, n);
      const { l, u } = completed(f, m, n, k);
      const right = permuteRows(da as Tensor, perm);
      const half = solveUnitLower(l, right);
      const s = matrixTranspose(solveUpper(u, matrixTranspose(half), true));
      return [add(matmul(l, tril(s, -1)), matmul(triu(s), u)), null, null];
    },
  },
  batch: (...args) => leading(() => luOp)(...args),
});

/** L [m, m] unit lower and U [n, n] upper, completed by the identity where A is not square. */
const completed = (f: Tensor, m: number, n: number, k: number): { l: Tensor; u: Tensor } => {
  const dtype = f.dtype;
  const l = add(grow(tril(corner(f, m, k), -1), -1, m), eye(m, m, { dtype }));
  const rest = mul(eye(n, n, { dtype }), greaterEqual(arange(n), k));
  return { l, u: add(grow(triu(corner(f, k, n)), -2, n), rest) };
};
const grow = (x: Tensor, axis: -1 | -2, to: number): Tensor => {
  const at = x.shape.length + axis;
  const extra = to - x.shape[at];
  return extra === 0
    ? x
    : pad(
        x,
        x.shape.map((_, i) => [0, i === at ? extra : 0] as const),
      );
};

export const permuteRows = (b: Tensor, perm: Tensor): Tensor =>
  takeAlongAxis(b, stretch(expandDims(perm, -1), [...batchOf(b, 2), rows(b), columns(b)]), -2);

/** A⁻¹ B or A⁻ᵀ B by the factors of A, which come along, NaN where they are singular; the derivative is that of A⁻¹ B in A and B. */
const luSolveOp: TensorOp<{ readonly transposed: boolean }> = /* @__PURE__ */ defineOp<{
  readonly transposed: boolean;
}>({
  name: "luSolve",
  abstract: ([, , , b]) => [b],
  host: ([, f, perm, b], { transposed }, into) => {
    const [n, k] = [rows(b.aval), columns(b.aval)];
    return overBatch([f, perm, b], [2, 1, 2], [{ shape: [n, k], dtype: b.aval.dtype }], into, ([lu, p, r], [x]) => {
      for (let i = 0; i < n; i++)
        if (lu[i * n + i] === 0) {
          x.fill(Number.NaN);
          return;
        }
      if (transposed) {
        // A = Pᵀ L U, so Aᵀ = Uᵀ Lᵀ P
        solveTriangular(lu, r, n, k, false, true, false);
        solveTriangular(lu, r, n, k, true, true, true);
        for (let i = 0; i < n; i++) for (let j = 0, to = p[i] * k; j < k; j++) x[to + j] = r[i * k + j];
        return;
      }
      for (let i = 0; i < n; i++) for (let j = 0, from = p[i] * k; j < k; j++) x[i * k + j] = r[from + j];
      solveTriangular(lu, x, n, k, true, false, true);
      solveTriangular(lu, x, n, k, false, false, false);
    });
  },
  derivative: {
    kind: "jvp",
    // A X = B: dX = A⁻¹ (dB - dA X)
    jvp: ([a, f, p], [da, , , db], form, [x]) => {
      const moved = da && matmul(form.transposed ? matrixTranspose(da) : da, x);
      if (!db && !moved) return [null];
      const right = db && moved ? sub(db, moved) : (db ?? neg(moved as Tensor));
      return [bind1(luSolveOp, [a, f, p, right], form)];
    },
    transpose: ([g], [a, f, p, b], { transposed }) => {
      if (!g || isLinearInput(a) || isLinearInput(f) || isLinearInput(p) || !isLinearInput(b))
        return [null, null, null, null];
      return [null, null, null, bind1(luSolveOp, [a, f, p, g], { transposed: !transposed })];
    },
  },
  batch: (...args) => leading(() => luSolveOp)(...args),
});

export interface LuFactors {
  readonly factors: Tensor;
  readonly permutation: Tensor;
  readonly info: Tensor;
}
export const factor = (a: Tensor): LuFactors => {
  const [factors, permutation, info] = bind(luOp, [a], {});
  return { factors, permutation, info };
};
/** A and factors that were computed from its value alone: `solveWith` knows the derivative. */
export const factorForSolve = (a: Tensor): LuFactors => factor(stop(a));
export const solveWith = (a: Tensor, f: LuFactors, b: Tensor, transposed = false): Tensor =>
  bind1(luSolveOp, [a, f.factors, f.permutation, b], { transposed });

/** L and U out of the one matrix that holds both. */
const partsOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "luParts",
  abstract: ([f]) => {
    const k = Math.min(rows(f), columns(f));
    return [like(f, [rows(f), k]), like(f, [k, columns(f)])];
  },
  host: ([f], _, into) => {
    const [m, n] = [rows(f.aval), columns(f.aval)];
    const k = Math.min(m, n);
    const dtype = f.aval.dtype;
    const outputs = [
      { shape: [m, k], dtype },
      { shape: [k, n], dtype },
    ];
    return overBatch([f], [2], outputs, into, ([x], [l, u]) => {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < Math.min(i, k); j++) l[i * k + j] = x[i * n + j];
        if (i < k) l[i * k + i] = 1;
        if (i < k) for (let j = i; j < n; j++) u[i * n + j] = x[i * n + j];
      }
    });
  },
  derivative: {
    kind: "jvp",
    jvp: ([f], [df]) => {
      const k = Math.min(rows(f), columns(f));
      return [tril(corner(df as Tensor, rows(f), k), -1), triu(corner(df as Tensor, k, columns(f)))];
    },
  },
  batch: (...args) => leading(() => partsOp)(...args),
});

export interface Lu {
  /** Unit lower triangular or trapezoidal [m, k]. */
  readonly l: Tensor;
  /** Upper triangular or trapezoidal [k, n]. */
  readonly u: Tensor;
  /** Row i of L U is row permutation[i] of A. */
  readonly permutation: Tensor;
  readonly info: Tensor;
}

/**
 * Gaussian elimination with partial pivoting:
 *
 *   A[permutation] = L U
 *
 * @param a [..., m, n]   @returns k = min(m, n); `info` names a pivot that is zero: the factors hold, U is singular
 * @example lu([[0, 1], [2, 3]]).permutation // [1, 0]
 */
export const lu = (a: TensorLike): Lu => {
  const x = matrix("lu", a);
  const { factors, permutation, info } = factor(x);
  const [l, u] = bind(partsOp, [factors], {});
  return { l, u, permutation, info };
};
