import { DomainError } from "@ansatz/backend";
import {
  add,
  astype,
  cos,
  type DType,
  floor,
  less,
  mod,
  mul,
  normal,
  randint,
  sin,
  split,
  sqrt,
  stack,
  sub,
  type Tensor,
  type TensorLike,
  uniform,
  where,
} from "@ansatz/tensor";

/**
 * Laws on the plane to learn from and to look at. Each is a function of a key and a number of points: points [n, 2], the same for
 * the same key; traceable, so it works inside jit and vmap. All of them have mean 0 (moons nearly) and fit in about [−2.5, 2.5]².
 */

export interface ToyOptions {
  /** Standard deviation of the Gaussian noise added to both coordinates. */
  readonly noise?: number;
  readonly dtype?: Extract<DType, "float32" | "float64">;
}

export type ToyLaw = (key: Tensor, n: number, options?: ToyOptions) => Tensor;

const settings = (
  caller: string,
  n: number,
  noise: number,
  { noise: asked, dtype = "float32" }: ToyOptions,
): { readonly noise: number; readonly dtype: "float32" | "float64" } => {
  if (!Number.isInteger(n) || n < 0) throw new DomainError(caller, "n must be a nonnegative integer", { n });
  const sigma = asked ?? noise;
  if (!(sigma >= 0 && sigma < Number.POSITIVE_INFINITY))
    throw new DomainError(caller, "noise must be finite and not negative", { noise: sigma });
  return { noise: sigma, dtype };
};

/** [n, 2] from two coordinates, with noise. */
const points = (x: TensorLike, y: TensorLike, key: Tensor, n: number, s: { noise: number; dtype: DType }): Tensor => {
  const exact = stack([x, y], 1);
  return s.noise === 0 ? exact : add(exact, mul(s.noise, normal(key, [n, 2], { dtype: s.dtype })));
};

/**
 * An equal mixture of eight isotropic Gaussians with centres 2 (cos kπ/4, sin kπ/4), k = 0 … 7, and standard deviation `noise` (0.2).
 * Covariance (2 + noise²) I.
 *
 * @example const x = eightGaussians(key(0), 1000); // [1000, 2], float32
 */
export const eightGaussians: ToyLaw = (key, n, options = {}) => {
  const s = settings("eightGaussians", n, 0.2, options);
  const [k1, k2] = split(key, 2);
  const angle = mul(Math.PI / 4, astype(randint(k1, [n], 0, 8), s.dtype));
  return points(mul(2, cos(angle)), mul(2, sin(angle)), k2, n, s);
};

/**
 * Two concentric circles of radius 1 and 2, uniform in arc length (a third and two thirds of the points), with Gaussian `noise` (0.1).
 * E|x|² = 3 + 2 noise², covariance half of that times I.
 */
export const rings: ToyLaw = (key, n, options = {}) => {
  const s = settings("rings", n, 0.1, options);
  const [k1, k2, k3] = split(key, 3);
  const radius = astype(where(less(uniform(k1, [n], { dtype: s.dtype }), 1 / 3), 1, 2), s.dtype);
  const angle = uniform(k2, [n], { dtype: s.dtype, max: 2 * Math.PI });
  return points(mul(radius, cos(angle)), mul(radius, sin(angle)), k3, n, s);
};

/**
 * Two interleaved half circles of radius 1.5: with θ uniform on [0, π] and a fair coin,
 *
 *   1.5 (cos θ − ½, sin θ − ¼)  or  1.5 (½ − cos θ, ¼ − sin θ),
 *
 * plus Gaussian `noise` (0.1): scikit-learn's moons, centred (the law is symmetric under x ↦ −x) and enlarged by half.
 */
export const moons: ToyLaw = (key, n, options = {}) => {
  const s = settings("moons", n, 0.1, options);
  const [k1, k2, k3] = split(key, 3);
  const angle = uniform(k1, [n], { dtype: s.dtype, max: Math.PI });
  const side = sign(k2, n, s.dtype);
  const x = mul(1.5, mul(side, sub(cos(angle), 0.5)));
  const y = mul(1.5, mul(side, sub(sin(angle), 0.25)));
  return points(x, y, k3, n, s);
};

/**
 * Two arms of an Archimedean spiral, one and a half turns each: with u uniform on [0, 1], r = 2√u, θ = 3π√u and a fair sign ±,
 *
 *   ± r (cos θ, sin θ),
 *
 * plus Gaussian `noise` (0.08). E|x|² = 2 + 2 noise².
 */
export const spiral: ToyLaw = (key, n, options = {}) => {
  const s = settings("spiral", n, 0.08, options);
  const [k1, k2, k3] = split(key, 3);
  const root = sqrt(uniform(k1, [n], { dtype: s.dtype }));
  const angle = mul(3 * Math.PI, root);
  const radius = mul(mul(2, root), sign(k2, n, s.dtype));
  return points(mul(radius, cos(angle)), mul(radius, sin(angle)), k3, n, s);
};

/**
 * Uniform on the eight squares [i, i + 1) × [j, j + 1), −2 ≤ i, j < 2, with i + j even: a 4 × 4 checkerboard. No noise unless asked for.
 * Each coordinate is uniform on [−2, 2) (variance 4/3); their covariance is 1/4.
 */
export const checkerboard: ToyLaw = (key, n, options = {}) => {
  const s = settings("checkerboard", n, 0, options);
  const [k1, k2, k3, k4] = split(key, 4);
  const x = uniform(k1, [n], { dtype: s.dtype, min: -2, max: 2 });
  const row = mul(2, astype(randint(k2, [n], 0, 2), s.dtype));
  const y = add(sub(add(uniform(k3, [n], { dtype: s.dtype }), row), 2), mod(floor(x), 2));
  return points(x, y, k4, n, s);
};

/** ±1 with equal chances. */
const sign = (key: Tensor, n: number, dtype: "float32" | "float64"): Tensor =>
  sub(mul(2, astype(randint(key, [n], 0, 2), dtype)), 1);

/** The laws by name. */
export const toyLaws = { eightGaussians, rings, moons, spiral, checkerboard } as const satisfies Record<string, ToyLaw>;
export type ToyLawName = keyof typeof toyLaws;
