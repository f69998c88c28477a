import { check, cholesky, eighGeneralized, funmSymmetric, slogdet, spectralSum } from "@ansatz/linalg";
import {
  add,
  DomainError,
  div,
  eye,
  matmul,
  matrixTranspose,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  toTensor,
  trace,
} from "@ansatz/tensor";

/** A normal law: mean [d], covariance [d, d]. */
export interface Gaussian {
  readonly mean: TensorLike;
  readonly covariance: TensorLike;
}
const partsOf = (g: Gaussian): { m: Tensor; s: Tensor } => ({
  m: toTensor(g.mean, "gaussian").astype("float64"),
  s: toTensor(g.covariance, "gaussian").astype("float64"),
});
/** √ of a covariance; eigenvalues that rounding has made negative count as 0. */
const clamped = (x: Tensor): Tensor => sqrt(maximum(x, 0));
export const symmetricRoot = (s: TensorLike): Tensor => funmSymmetric(s, clamped).value;
const between = (a: Tensor, s: Tensor): Tensor => matmul(a, matmul(s, a));

/**
 * 6.2.5: the squared Wasserstein distance of two normal laws (Bures),
 *
 *   W₂² = ‖m₁ - m₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₂^½ Σ₁ Σ₂^½)^½),
 *
 * covariances may be singular.
 */
export const buresWasserstein = (p: Gaussian, q: Gaussian): Tensor => {
  const [a, b] = [partsOf(p), partsOf(q)];
  const cross = spectralSum(between(symmetricRoot(b.s), a.s), clamped);
  return add(sum(square(sub(a.m, b.m))), sub(add(trace(a.s), trace(b.s)), mul(2, cross)));
};

/** The matrix A of the map T(x) = m₂ + A (x - m₁) that attains it: Σ₁^(-½) (Σ₁^½ Σ₂ Σ₁^½)^½ Σ₁^(-½), for a regular Σ₁. */
export const transportMatrix = (p: Gaussian, q: Gaussian): Tensor => {
  const [a, b] = [partsOf(p), partsOf(q)];
  const inverse = funmSymmetric(a.s, (x) => div(1, sqrt(x))).value;
  return between(inverse, symmetricRoot(between(symmetricRoot(a.s), b.s)));
};

export interface GaussianBridge {
  /** The covariance of start and end, C [d, d]. */
  readonly cross: Tensor;
  /** The covariance at time t ∈ [0, 1]. */
  readonly covarianceAt: (t: number) => Tensor;
}
/**
 * 9.1.1: the Schrödinger bridge between normal laws for the reference √ε W, in closed form:
 *
 *   C = ½ (Σ₀^½ D Σ₀^(-½) - ε I),   D = (4 Σ₀^½ Σ₁ Σ₀^½ + ε² I)^½
 *
 * and the marginal (1-t)² Σ₀ + t² Σ₁ + t(1-t)(C + Cᵀ) + ε t(1-t) I. As ε → 0, C tends to that of the transport map.
 */
export const gaussianBridge = (p: Gaussian, q: Gaussian, epsilon: number): GaussianBridge => {
  if (!(epsilon > 0)) throw new DomainError("gaussianBridge", "epsilon must be positive", { epsilon });
  const [a, b] = [partsOf(p), partsOf(q)];
  const one = eye(a.s.shape[0]);
  const root = symmetricRoot(a.s);
  const d = funmSymmetric(between(root, b.s), (x) => sqrt(add(mul(4, x), epsilon ** 2))).value;
  const inverse = funmSymmetric(a.s, (x) => div(1, sqrt(x))).value;
  const cross = mul(0.5, sub(matmul(root, matmul(d, inverse)), mul(epsilon, one)));
  const covarianceAt = (t: number): Tensor => {
    const u = t * (1 - t);
    const ends = add(mul((1 - t) ** 2, a.s), mul(t * t, b.s));
    return add(ends, add(mul(u, add(cross, matrixTranspose(cross))), mul(u * epsilon, one)));
  };
  return { cross, covarianceAt };
};

/** Example 9.2.1: factors W with W Wᵀ = Σ, so that W z + μ has the law N(μ, Σ) for normal z: only the symmetric root is the transport map. */
export const linearGenerators = (
  covariance: TensorLike,
): { readonly cholesky: Tensor; readonly symmetric: Tensor } => ({
  cholesky: check(cholesky(covariance)).l,
  symmetric: symmetricRoot(covariance),
});
/** E‖W z + μ - z‖² for normal z: what the map moves. */
export const transportCost = (w: TensorLike, mean: TensorLike): Tensor => {
  const m = toTensor(w, "transportCost");
  return add(sum(square(sub(m, eye(m.shape[0])))), sum(square(toTensor(mean, "transportCost"))));
};
/** KL(p ‖ q) of normal laws, in nats. */
export const gaussianKl = (p: Gaussian, q: Gaussian): Tensor => {
  const [a, b] = [partsOf(p), partsOf(q)];
  const d = sub(a.m, b.m);
  // in the basis where Σ_q is the identity and Σ_p diagonal
  const { values, vectors } = eighGeneralized(a.s, b.s);
  const moved = square(matmul(matrixTranspose(vectors), d));
  const logRatio = sub(slogdet(b.s).logabsdet, slogdet(a.s).logabsdet);
  return mul(0.5, add(add(sum(sub(values, 1)), sum(moved)), logRatio));
};
