import { check, eigvals, kroneckerSum, solve, solveWithInfo } from "@ansatz/linalg";
import {
  add,
  DomainError,
  eye,
  matmul,
  matrixTranspose,
  max,
  mul,
  neg,
  reshape,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  toTensor,
} from "@ansatz/tensor";

/** A finite Markov decision process: probabilities [actions, states, states] and rewards [actions, states]. */
export interface DecisionProcess {
  readonly transitions: TensorLike;
  readonly rewards: TensorLike;
}

/**
 * 9.4.1: the value of a policy π [states, actions] by Bellman's expectation equation (I - γ P_π) V = r_π, and Q = r + γ P V [actions, states].
 *
 * @throws {AnsatzError} the equation is singular: γ = 1 with a recurrent class
 */
export const policyValue = (
  { transitions, rewards }: DecisionProcess,
  policy: TensorLike,
  discount: number,
): { readonly v: Tensor; readonly q: Tensor } => {
  if (!(discount >= 0 && discount <= 1))
    throw new DomainError("policyValue", "the discount lies in [0, 1]", { discount });
  const [p, r, pi] = [transitions, rewards, policy].map((t) => toTensor(t, "policyValue"));
  const [actions, states] = [p.shape[0], p.shape[1]];
  if (p.shape.join() !== `${actions},${states},${states}` || r.shape.join() !== `${actions},${states}`)
    throw new DomainError("policyValue", "needs transitions [a, s, s] and rewards [a, s]", { p: p.shape, r: r.shape });
  const weights = matrixTranspose(pi);
  const chain = sum(mul(reshape(weights, [actions, states, 1]), p), 0);
  const reward = sum(mul(weights, r), 0);
  const v = check(solveWithInfo(sub(eye(states), mul(discount, chain)), reward)).x;
  return { v, q: add(r, mul(discount, matmul(p, v))) };
};

export interface Regulator {
  /** The value is ½ sᵀP s, up to what noise adds. */
  readonly p: Tensor;
  /** The control is -K s. */
  readonly k: Tensor;
  readonly steps: number;
}
/**
 * 9.4.3: the discounted linear-quadratic regulator of ṡ = A s + B a with cost ∫ e^(-νt) ½ (sᵀQ s + aᵀR a) dt, from
 *
 *   ν P = Q + AᵀP + P A - P B R⁻¹ Bᵀ P,
 *
 * by Newton's iteration (Kleinman 1968): each step solves a Lyapunov equation for the gain before. It starts from K = 0 and so needs A - ½νI stable, or a gain that
 * makes it so.
 *
 * @throws {DomainError} the gain to start from does not stabilise the system
 */
export const regulator = (
  a: TensorLike,
  b: TensorLike,
  q: TensorLike,
  r: TensorLike,
  { discountRate = 0, start }: { readonly discountRate?: number; readonly start?: TensorLike } = {},
): Regulator => {
  const [A, B, Q, R] = [a, b, q, r].map((t) => toTensor(t, "regulator"));
  const n = A.shape[0];
  const shifted = sub(A, mul(discountRate / 2, eye(n)));
  let k = start === undefined ? mul(0, matrixTranspose(B)) : toTensor(start, "regulator");
  let p = mul(0, A);
  for (let steps = 1; ; steps++) {
    const closed = sub(shifted, matmul(B, k));
    const worst = Number(max(eigvals(closed).re).item());
    if (!(worst < 0))
      throw new DomainError(
        "regulator",
        "the gain does not stabilise the system",
        { largestRealPart: worst },
        "give a start",
      );
    // Aᵀ P + P A = -(Q + KᵀR K), as one linear system for the rows of P side by side
    const load = add(Q, matmul(matrixTranspose(k), matmul(R, k)));
    const t = matrixTranspose(closed);
    const next = reshape(solve(kroneckerSum(t, t), neg(reshape(load, [n * n]))), [n, n]);
    const change = Number(max(sub(next, p).mul(sub(next, p))).item());
    p = next;
    k = solve(R, matmul(matrixTranspose(B), p));
    if (change <= 1e-28 * Number(max(mul(p, p)).item()) || steps === 100) return { p, k, steps };
  }
};
