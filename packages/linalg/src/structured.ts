import { DomainError, ShapeError } from "@ansatz/backend";
import {
  add,
  arrayEqual,
  concatenate,
  cos,
  div,
  equal,
  eye,
  flip,
  matrixTranspose,
  mul,
  neg,
  rsqrt,
  sin,
  stack,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  where,
  zerosLike,
} from "@ansatz/tensor";
import { operand, stop } from "@ansatz/tensor/transforms";
import { square } from "./support";

const vector = (caller: string, x: TensorLike): Tensor => {
  const t = operand(caller, x, "float");
  if (t.shape.length !== 1) throw new ShapeError(caller, "takes a vector", { shape: t.shape });
  return t;
};
const table = (m: number, n: number, f: (i: number, j: number) => number): Tensor =>
  tensor(Int32Array.from({ length: m * n }, (_, k) => f(Math.floor(k / n), k % n))).reshape([m, n]);

/** Constant diagonals, from the first column and the first row (whose first entry is not read). @example toeplitz([1, 2], [1, 3]) // [[1, 3], [2, 1]] */
export const toeplitz = (column: TensorLike, row: TensorLike = column): Tensor => {
  const [c, r] = [vector("toeplitz", column), vector("toeplitz", row)];
  const [m, n] = [c.shape[0], r.shape[0]];
  if (m === 0 || n === 0) return c.reshape([m, 1]).mul(r.reshape([1, n]));
  return take(
    concatenate([c, r]),
    table(m, n, (i, j) => (i >= j ? i - j : m + j - i)),
  );
};
/** Every column is the one before, shifted down and around: C x is the circular convolution of c and x. */
export const circulant = (c: TensorLike): Tensor => {
  const t = vector("circulant", c);
  const n = t.shape[0];
  return n === 0
    ? t.reshape([0, 0])
    : take(
        t,
        table(n, n, (i, j) => (i - j + n) % n),
      );
};

export type ConvolutionMode = "valid" | "full" | "same";
export interface ConvolutionOptions {
  /** "valid": where the kernel fits (default); "full": where it touches; "same": the middle n of full. */
  readonly mode?: ConvolutionMode;
  /** True for convolution, which runs the kernel backwards; the layers of neural networks do not (cross-correlation, the default). */
  readonly flip?: boolean;
}
/**
 * The matrix A(k) with A x = the correlation (or convolution) of x [n] with the kernel k [m].
 *
 * @example convolutionMatrix([1, 0, -1], 4) // [[1, 0, -1, 0], [0, 1, 0, -1]]
 */
export const convolutionMatrix = (
  kernel: TensorLike,
  n: number,
  { mode = "valid", flip: flipped = false }: ConvolutionOptions = {},
): Tensor => {
  const k0 = vector("convolutionMatrix", kernel);
  const m = k0.shape[0];
  if (m === 0) throw new ShapeError("convolutionMatrix", "the kernel must not be empty", { kernel: [m] });
  if (mode === "valid" && m > n)
    throw new ShapeError("convolutionMatrix", "the kernel must fit into the signal", { kernel: m, n });
  const k = concatenate([flipped ? flip(k0) : k0, zerosLike(k0)]);
  const shift = mode === "valid" ? 0 : mode === "full" ? m - 1 : Math.floor(m / 2);
  const height = mode === "valid" ? n - m + 1 : mode === "full" ? n + m - 1 : n;
  return take(
    k,
    table(height, n, (i, j) => {
      const at = j - i + shift;
      return at >= 0 && at < m ? at : m;
    }),
  );
};

/** The turn of the plane by an angle in radians. */
export const rotation2 = (angle: TensorLike): Tensor => {
  const t = operand("rotation2", angle, "float");
  const [c, s] = [cos(t), sin(t)];
  return stack([stack([c, neg(s)], -1), stack([s, c], -1)], -2);
};
/** The turn of space by an angle in radians about an axis. @example rotation3(Math.PI / 2) // takes x to y */
export const rotation3 = (angle: TensorLike, axis: "x" | "y" | "z" = "z"): Tensor => {
  const t = operand("rotation3", angle, "float");
  const [c, s, o, l] = [cos(t), sin(t), zerosLike(t), add(zerosLike(t), 1)];
  const rows = {
    x: [l, o, o, o, c, neg(s), o, s, c],
    y: [c, o, s, o, l, o, neg(s), o, c],
    z: [c, neg(s), o, s, c, o, o, o, l],
  }[axis];
  if (!rows) throw new DomainError("rotation3", 'axis is "x", "y" or "z"', { axis });
  return stack(rows, -1).reshape([...t.shape, 3, 3]);
};

/** The matrix of a linear function of vectors [n], column by column: f(e₁), f(e₂), … @throws {DomainError} f is affine, not linear */
export const matrixOf = (f: (x: Tensor) => Tensor, n: number): Tensor => {
  const one = eye(n);
  const images = Array.from({ length: n }, (_, j) => f(take(one, j, 0)));
  const origin = f(zerosLike(take(one, 0, 0)));
  if (origin.trace === null && origin.dataSync().some((x) => x !== 0))
    throw new DomainError("matrixOf", "f(0) is not 0, so f is not linear", { origin: origin.toArray() });
  return stack(images, -1);
};

export interface GraphMatrices {
  readonly degree: Tensor;
  readonly laplacian: Tensor;
  /** I - D^(-½) A D^(-½); rows of isolated vertices are zero. */
  readonly normalised: Tensor;
  /** I - D⁻¹A; rows of isolated vertices are zero. */
  readonly randomWalk: Tensor;
}
/**
 * The matrices of an undirected graph with (weighted) adjacency A: D = diag(A 1) and L = D - A. Large graphs: `laplacianMatrix`.
 *
 * @throws {DomainError} A is not symmetric (seen outside of jit)
 */
export const graphLaplacian = (adjacency: TensorLike): GraphMatrices => {
  const a = square("graphLaplacian", adjacency);
  const n = a.shape[a.shape.length - 1];
  const known = stop(a);
  if (known.trace === null && !isSymmetric(known))
    throw new DomainError("graphLaplacian", "the adjacency matrix of an undirected graph is symmetric", {
      shape: a.shape,
    });
  const d = sum(a, -1);
  const one = eye(n, n, { dtype: a.dtype });
  const degree = mul(one, d.reshape([...d.shape, 1]));
  const lonely = equal(d, 0);
  const root = where(lonely, 0, rsqrt(where(lonely, 1, d)));
  const scaled = mul(mul(root.reshape([...d.shape, 1]), a), root.reshape([...d.shape.slice(0, -1), 1, n]));
  const present = mul(one, where(lonely, 0, 1).reshape([...d.shape, 1]));
  const walk = mul(where(lonely, 0, div(1, where(lonely, 1, d))).reshape([...d.shape, 1]), a);
  return { degree, laplacian: sub(degree, a), normalised: sub(present, scaled), randomWalk: sub(present, walk) };
};
const isSymmetric = (a: Tensor): boolean => Boolean(arrayEqual(a, matrixTranspose(a)).item());
