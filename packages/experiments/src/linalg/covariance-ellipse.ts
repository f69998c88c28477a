import { eigh } from "@ansatz/linalg";
import { DomainError, type TensorLike, toTensor } from "@ansatz/tensor";

export interface CovarianceEllipse {
  /** Half-axes k √λ, the longer first. */
  readonly halfAxes: readonly [number, number];
  /** The direction of the longer one in radians, in (-π/2, π/2]. */
  readonly angleRad: number;
  /** The share of a normal law inside: 1 - exp(-k²/2). */
  readonly coverage: number;
  /** Points round the ellipse, the first one again at the end. */
  readonly points: readonly (readonly [number, number])[];
}

/** k for which the ellipse covers a share of a normal law in the plane. */
export const radiusFor = (coverage: number): number => {
  if (!(coverage > 0 && coverage < 1)) throw new DomainError("radiusFor", "the coverage lies in (0, 1)", { coverage });
  return Math.sqrt(-2 * Math.log1p(-coverage));
};

/** 5.3.4: the ellipse of k standard deviations of a law in the plane, with axes k √λᵢ along the eigenvectors of its covariance. */
export const covarianceEllipse = (
  mean: readonly [number, number],
  covariance: TensorLike,
  k = 1,
  { count = 64 }: { readonly count?: number } = {},
): CovarianceEllipse => {
  const s = toTensor(covariance, "covarianceEllipse");
  if (s.shape.join() !== "2,2")
    throw new DomainError("covarianceEllipse", "the covariance is 2 × 2", { shape: s.shape });
  const { values, vectors } = eigh(s);
  const [minor, major] = values.toArray() as [number, number];
  if (!(minor >= -1e-12 * Math.abs(major)))
    throw new DomainError("covarianceEllipse", "a covariance has no negative eigenvalue", { minor });
  const [[, x], [, y]] = vectors.toArray() as [[number, number], [number, number]];
  const [a, b] = [k * Math.sqrt(major), k * Math.sqrt(Math.max(0, minor))];
  const turn = x < 0 || (x === 0 && y < 0) ? -1 : 1;
  const [c, d] = [turn * x, turn * y];
  const points = Array.from({ length: count + 1 }, (_, i) => {
    const t = (2 * Math.PI * i) / count;
    const [p, q] = [a * Math.cos(t), b * Math.sin(t)];
    return [mean[0] + c * p - d * q, mean[1] + d * p + c * q] as const;
  });
  return { halfAxes: [a, b], angleRad: Math.atan2(d, c), coverage: -Math.expm1((-k * k) / 2), points };
};
