import { aval } from "@ansatz/backend";
import {
  argsort,
  concatenate,
  defineOp,
  diagonal,
  div,
  equal,
  expandDims,
  eye,
  logicalOr,
  matmul,
  matrixTranspose,
  mul,
  notEqual,
  slice,
  sub,
  type Tensor,
  type TensorLike,
  takeAlongAxis,
  tril,
  where,
  zerosLike,
} from "@ansatz/tensor";
import { bind, stop, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { factorLdl } from "./host/ldl";
import { symmetrise } from "./host/scaling";
import { failure } from "./info";
import { permuteRows } from "./lu";
import { batchOf, columns, infoOf, leading, overBatch, rows, square, symmetricPart, system } from "./support";
import { solveUnitLower, solveUnitLowerTransposed } from "./triangular-solve";

const ldlOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "ldl",
  abstract: ([a]) => [a, a, aval([...batchOf(a, 2), rows(a)], "int32"), infoOf(a)],
  host: ([a], _, into) => {
    const n = rows(a.aval);
    const square = { shape: [n, n], dtype: a.aval.dtype };
    const outputs = [square, square, { shape: [n], dtype: "int32" as const }, { shape: [], dtype: "int32" as const }];
    return overBatch([a], [2], outputs, into, ([x], [l, d], [perm, info]) => {
      const finite = symmetrise(x, n);
      const zero = finite ? factorLdl(x, n, d, perm) : 0;
      info[0] = !finite ? failure("notFinite") : zero > 0 ? failure("singular", zero) : 0;
      if (finite) l.set(x);
      else {
        l.fill(NaN);
        d.fill(NaN);
      }
    });
  },
  derivative: {
    kind: "jvp",
    // P dA Pᵀ = dL D Lᵀ + L dD Lᵀ + L D dLᵀ: with S = L⁻¹ P dA Pᵀ L⁻ᵀ, dD is S on D's blocks and L⁻¹dL = S D⁻¹ below them
    jvp: (_inputs, [da], _params, [l, d, perm]) => {
      const inner = permuteBoth(symmetricPart(da as Tensor), perm);
      const s = matrixTranspose(solveUnitLower(l, matrixTranspose(solveUnitLower(l, inner))));
      const blocks = stop(logicalOr(notEqual(d, 0), equal(eye(rows(l)), 1)));
      const below = tril(where(blocks, 0, s), -1);
      const x = matrixTranspose(solveBlocks(d, matrixTranspose(below)));
      return [matmul(l, x), where(blocks, s, 0), null, null];
    },
  },
  batch: (...args) => leading(() => ldlOp)(...args),
});
const permuteBoth = (a: Tensor, perm: Tensor): Tensor =>
  takeAlongAxis(permuteRows(a, perm), stretch(expandDims(perm, -2), a.shape), -1);

/** D⁻¹ B for a symmetric D with blocks of one and two rows on its diagonal. */
const solveBlocks = (d: Tensor, b: Tensor): Tensor => {
  const n = rows(d);
  if (n < 2) return div(b, diagonal(d, { axes: [-2, -1] }).reshape([...batchOf(d, 2), n, 1]));
  const main = expandDims(diagonal(d, { axes: [-2, -1] }), -1);
  const off = expandDims(diagonal(d, { k: -1, axes: [-2, -1] }), -1);
  const shifted = (x: Tensor, by: 1 | -1): Tensor => {
    const lead = batchOf(x, 2).map(() => 0);
    const zero = slice(zerosLike(x), [...lead, 0, 0], [...batchOf(x, 2), 1, columns(x)]);
    const rest =
      by === 1 ? slice(x, [...lead, 1, 0], x.shape) : slice(x, [...lead, 0, 0], [...batchOf(x, 2), n - 1, columns(x)]);
    return concatenate(by === 1 ? [rest, zero] : [zero, rest], -2);
  };
  const edge = slice(zerosLike(main), [...batchOf(d, 2).map(() => 0), 0, 0], [...batchOf(d, 2), 1, 1]);
  const [after, before] = [concatenate([off, edge], -2), concatenate([edge, off], -2)];
  const [first, second] = [notEqual(after, 0), notEqual(before, 0)];
  const partner = where(first, shifted(main, 1), shifted(main, -1));
  const cross = where(first, after, before);
  const other = where(first, shifted(b, 1), shifted(b, -1));
  const pair = logicalOr(first, second);
  // divided by the off-diagonal entry, the largest of its block
  const e = where(pair, cross, 1);
  const det = sub(mul(div(main, e), div(partner, e)), 1);
  const paired = div(sub(mul(div(partner, e), div(b, e)), div(other, e)), where(pair, det, 1));
  return where(pair, paired, div(b, where(pair, 1, main)));
};

export interface Ldl {
  /** Unit lower triangular. */
  readonly l: Tensor;
  /** Symmetric, with blocks of one and two rows on its diagonal. */
  readonly d: Tensor;
  /** Row i of L D Lᵀ, and column i, is row permutation[i] of A. */
  readonly permutation: Tensor;
  readonly info: Tensor;
}

/**
 * The factors of a symmetric matrix that need not be definite, by Bunch and Kaufman's diagonal pivoting:
 *
 *   A[p, p] = L D Lᵀ
 *
 * with D block diagonal; A and D have as many positive, negative and zero eigenvalues (Sylvester). Differentiable where the pivots keep their order.
 *
 * @param a [..., n, n]; its symmetric part is taken   @returns `info` names a pivot that is zero: the factors hold, D is singular
 * @example ldl([[0, 1], [1, 0]]).d // [[0, 1], [1, 0]]
 */
export const ldl = (a: TensorLike): Ldl => {
  const [l, d, permutation, info] = bind(ldlOp, [square("ldl", a)], {});
  return { l, d, permutation, info };
};

/** A⁻¹ B from the factors of a symmetric A. @example ldlSolve(ldl([[0, 1], [1, 0]]), [1, 2]) // [2, 1] */
export const ldlSolve = ({ l, d, permutation }: Omit<Ldl, "info">, b: TensorLike): Tensor => {
  const s = system("ldlSolve", l, b);
  const order = stretch(permutation, [...batchOf(s.a, 2), rows(s.a)]);
  const dd = stretch(d, s.a.shape);
  const y = solveUnitLowerTransposed(s.a, solveBlocks(dd, solveUnitLower(s.a, permuteRows(s.b, order))));
  return s.undo(permuteRows(y, argsort(order)));
};
