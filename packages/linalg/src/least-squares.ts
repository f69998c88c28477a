import { customJvp } from "@ansatz/autodiff";
import { DomainError, epsOf } from "@ansatz/backend";
import {
  add,
  div,
  greater,
  matmul,
  matrixTranspose,
  max,
  mul,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from "@ansatz/tensor";
import { stop } from "@ansatz/tensor/transforms";
import { warning } from "./info";
import { columns, columnsFrom, corner, matrix, rows, scaleColumns, scaleRows, system } from "./support";
import { svd, svdvals } from "./svd";

export interface RankOptions {
  /** Singular values up to rtol · s₁ count as zero; max(m, n) · eps by default. */
  readonly rtol?: number;
}
const toleranceOf = (a: Tensor, s: Tensor, rtol: number | undefined): Tensor =>
  mul(rtol ?? Math.max(rows(a), columns(a)) * epsOf(a.dtype), max(s, -1, { keepDims: true }));
const kept = (a: Tensor, s: Tensor, rtol: number | undefined): Tensor =>
  Math.min(rows(a), columns(a)) === 0 ? greater(s, 0) : greater(s, toleranceOf(a, s, rtol));
const reciprocals = (a: Tensor, s: Tensor, rtol: number | undefined): Tensor => {
  const keep = kept(a, s, rtol);
  return where(keep, div(1, where(keep, s, 1)), 0);
};

/** The number of singular values above rtol · s₁, as int32. @example matrixRank([[1, 2], [2, 4]]) // 1 */
export const matrixRank = (a: TensorLike, { rtol }: RankOptions = {}): Tensor => {
  const x = stop(matrix("matrixRank", a));
  return sum(kept(x, svdvals(x), rtol).astype("int32"), -1);
};

/**
 * The Moore–Penrose inverse A⁺ = V S⁺ Uᵀ. Its derivative is that at constant rank (Golub and Pereyra 1973), exact to every order and at repeated singular
 * values.
 *
 * @example pinv([[1, 0], [0, 0]]) // [[1, 0], [0, 0]]
 */
export const pinv = (a: TensorLike, options: RankOptions = {}): Tensor => {
  const f = customJvp(
    (x: Tensor) => {
      const { u, s, vt } = svd(x);
      return matmul(scaleColumns(matrixTranspose(vt), reciprocals(x, s, options.rtol)), matrixTranspose(u));
    },
    ([x], [dx]) => {
      const p = pinv(x, options);
      const [pt, dt] = [matrixTranspose(p), matrixTranspose(dx)];
      // dA⁺ = -A⁺ dA A⁺ + A⁺A⁺ᵀ dAᵀ (I - A A⁺) + (I - A⁺A) dAᵀ A⁺ᵀA⁺
      const first = matmul(p, matmul(pt, dt));
      const last = matmul(dt, matmul(pt, p));
      const tangent = add(
        sub(first, matmul(first, matmul(x, p))),
        sub(sub(last, matmul(p, matmul(x, last))), matmul(p, matmul(dx, p))),
      );
      return { value: p, tangent };
    },
  );
  return f(matrix("pinv", a)) as Tensor;
};

export interface LeastSquares {
  readonly x: Tensor;
  /** Numerical rank of A, int32. */
  readonly rank: Tensor;
  /** Singular values of A. */
  readonly s: Tensor;
  /** Warns of a deficient rank. */
  readonly info: Tensor;
}
/**
 * The x of least ‖x‖ among those that minimise ‖A x - b‖, by the SVD; A may have any shape and any rank. Its derivative is that at constant
 * rank.
 *
 * @example lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5]).x // [1, 2]
 */
export const lstsq = (a: TensorLike, b: TensorLike, options: RankOptions = {}): LeastSquares => {
  const sys = system("lstsq", a, b);
  const { s, info } = svd(stop(sys.a));
  const rank = sum(kept(sys.a, s, options.rtol).astype("int32"), -1);
  const short = greater(Math.min(rows(sys.a), columns(sys.a)), rank);
  const failed = greater(info, 0);
  return {
    x: sys.undo(minimiser(sys.a, sys.b, options)),
    rank,
    s,
    info: where(failed, info, where(short, sub(warning("rankDeficient", 1), mul(16, rank)), 0)),
  };
};
const minimiser = (a: Tensor, b: Tensor, options: RankOptions): Tensor => {
  const f = customJvp(
    (m: Tensor, r: Tensor) => {
      const { u, s, vt } = svd(m);
      return matmul(matrixTranspose(vt), scaleRows(reciprocals(m, s, options.rtol), matmul(matrixTranspose(u), r)));
    },
    ([m, r], [dm, dr]) => {
      const x = minimiser(m, r, options);
      const p = pinv(m, options);
      const dt = matrixTranspose(dm);
      // dx = A⁺(db - dA x) + A⁺A⁺ᵀ dAᵀ (b - A x) + (I - A⁺A) dAᵀ A⁺ᵀ x
      const out = matmul(dt, matmul(matrixTranspose(p), x));
      const residual = sub(r, matmul(m, x));
      return {
        value: x,
        tangent: add(
          matmul(p, add(sub(dr, matmul(dm, x)), matmul(matrixTranspose(p), matmul(dt, residual)))),
          sub(out, matmul(p, matmul(m, out))),
        ),
      };
    },
  );
  return f(a, b) as Tensor;
};

export interface SpaceOptions extends RankOptions {
  /** The rank, where it is known: needed inside jit and vmap, where shapes must not depend on values. */
  readonly rank?: number;
}
const rankFor = (caller: string, x: Tensor, { rank, rtol }: SpaceOptions): number => {
  if (rank !== undefined) return rank;
  if (x.trace !== null)
    throw new DomainError(caller, "the shape of the result depends on values", { shape: x.shape }, "give it { rank }");
  return Number(max(matrixRank(x, { rtol })).item());
};
/** An orthonormal basis, in columns, of the null space {x: A x = 0}. @example nullSpace([[1, 1]]) // [[-0.7071], [0.7071]] up to sign */
export const nullSpace = (a: TensorLike, options: SpaceOptions = {}): Tensor => {
  const x = matrix("nullSpace", a);
  const { vt } = svd(x, { full: true });
  return columnsFrom(matrixTranspose(vt), rankFor("nullSpace", x, options));
};
/** An orthonormal basis, in columns, of the range of A. */
export const orth = (a: TensorLike, options: SpaceOptions = {}): Tensor => {
  const x = matrix("orth", a);
  return corner(svd(x).u, rows(x), rankFor("orth", x, options));
};
/** The columns that complete orthonormal columns [n, r] to an orthonormal basis: [n, n - r]. */
export const orthonormalCompletion = (u: TensorLike): Tensor => {
  const x = matrix("orthonormalCompletion", u);
  if (columns(x) > rows(x))
    throw new DomainError("orthonormalCompletion", "has more columns than a basis", { shape: x.shape });
  return columnsFrom(svd(x, { full: true }).u, columns(x));
};
/** The orthogonal projector onto the span of the columns of A, of any rank: A A⁺. */
export const projector = (a: TensorLike, options: RankOptions = {}): Tensor => {
  const x = matrix("projector", a);
  return matmul(x, pinv(x, options));
};
