import {
  concatenate,
  cos,
  DomainError,
  expandDims,
  eye,
  matmul,
  moveAxis,
  neg,
  scan,
  sin,
  stack,
  type Tensor,
  type TensorLike,
  tensor,
  toTensor,
  vmap,
  zerosLike,
} from "@ansatz/tensor";

/** Chapter 1.1.2: matrices as linear maps. Angles are radians. */

/** [[cos θ, −sin θ], [sin θ, cos θ]]. */
export const rotation = (theta: TensorLike): Tensor => {
  const [c, s] = [cos(theta), sin(theta)];
  return stack([stack([c, neg(s)]), stack([s, c])]);
};

/** The rotation by θ about the z axis, [3, 3]. */
export const rotationZ = (theta: TensorLike): Tensor => {
  const [c, s] = [cos(theta), sin(theta)];
  const zero = zerosLike(c);
  return stack([stack([c, neg(s), zero]), stack([s, c, zero]), stack([zero, zero, 1])]);
};

/** The matrix [m, n] of a linear map ℝⁿ → ℝᵐ: its columns are the images of the unit vectors. (An affine map has none: check f(0) = 0.) */
export const matrixOf = (f: (x: Tensor) => Tensor, n: number): Tensor => moveAxis(vmap(f)(eye(n)), 0, -1);

/** Aᵗ for a whole t ≥ 0 by repeated squaring; A⁰ = I. */
export const matrixPower = (a: TensorLike, t: number): Tensor => {
  if (!Number.isInteger(t) || t < 0)
    throw new DomainError("matrixPower", "the exponent must be a whole number ≥ 0", { t });
  const A = toTensor(a, "matrixPower");
  if (t === 0) return eye(A.shape[0]);
  if (t === 1) return A;
  const half = matrixPower(A, t >> 1);
  const even = matmul(half, half);
  return t % 2 ? matmul(even, A) : even;
};

/** x₀, Ax₀, …, Aᵀx₀: [steps + 1, n]. */
export const orbit = (a: TensorLike, x0: TensorLike, steps: number): Tensor => {
  const start = toTensor(x0, "orbit");
  const [, rest] = scan(
    (x: Tensor, _: null) => {
      const next = matmul(a, x);
      return [next, next] as const;
    },
    start,
    null,
    { length: steps },
  );
  return concatenate([expandDims(start, 0), rest], 0);
};

export interface EllipticOrbitOptions {
  /** Half axes. */
  readonly a: number;
  readonly b: number;
  /** Angle of a step. */
  readonly theta: number;
  readonly steps: number;
}

/**
 * Exercise 1.1.1: the map A = D R(θ) D⁻¹, D = diag(a, b), whose orbit of (a, 0) lies on the ellipse x²/a² + y²/b² = 1: x_t = (a cos tθ, b sin tθ).
 * It is dense in the ellipse if and only if θ/2π is irrational. (ERRATUM of the text: it never covers the ellipse.)
 */
export const ellipticOrbit = ({ a, b, theta, steps }: EllipticOrbitOptions) => {
  if (!(a > 0 && b > 0)) throw new DomainError("ellipticOrbit", "the half axes must be positive", { a, b });
  const [c, s] = [Math.cos(theta), Math.sin(theta)];
  const matrix = tensor([
    [c, (-a / b) * s],
    [(b / a) * s, c],
  ]);
  return { matrix, points: orbit(matrix, [a, 0], steps) };
};

/** The largest gap, in radians, between the first n points of a rotation by θ of the circle. */
export const largestGap = (theta: number, n: number): number => {
  const turn = 2 * Math.PI;
  const angles = Array.from({ length: n }, (_, t) => (t * theta) % turn).sort((x, y) => x - y);
  return angles.reduce((gap, x, i) => Math.max(gap, (i + 1 < n ? angles[i + 1] : angles[0] + turn) - x), 0);
};
