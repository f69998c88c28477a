import { add, div, maximum, mul, neg, sub, type Tensor } from "@ansatz/tensor";
import { type Descent, evaluate, start } from "./minimize";
import { type Schedule, scheduleAt } from "./schedules";
import { applyUpdates, leafwise } from "./transform";
import { globalNorm } from "./transforms";

/** β_t = (t − 1)/(t + 2), t = 0, 1, …; at t = 0 there is nothing to look back at. */
const convex = (t: Tensor): Tensor => div(maximum(sub(t, 1), 0), add(t, 2));

/**
 * Nesterov's accelerated gradient, with the gradient taken at the look-ahead point:
 *
 *   v = θ_t + β_t (θ_t − θ_{t−1}),   θ_{t+1} = v − η ∇f(v),   θ_{−1} = θ_0.
 *
 * With η = 1/L and the default β_t = (t − 1)/(t + 2), f(θ_T) − f* ≤ 2L‖θ_0 − θ*‖²/(T + 1)² for every convex L-smooth f; for a strongly convex one
 * take β = (√κ − 1)/(√κ + 1), κ = L/μ. (`sgd(η, { momentum: β, nesterov: true })` is the same method, storing v instead of θ.)
 * `info.loss` and `info.gradientNorm` are those at v.
 *
 * @param rate      η, a number or a schedule   @param momentum  β_t, a number or a schedule
 * @see Nesterov 1983; Su, Boyd & Candès 2016, eq. (1)–(2), for the default; Sutskever et al. 2013
 * @example
 * const descent = nesterov((x) => square(x), 0.1, 0.5);
 * const { state } = descent.step(descent.init(1)); // params 0.8
 */
export function nesterov<A extends readonly unknown[]>(
  loss: (params: Tensor, ...data: A) => Tensor,
  rate: Schedule,
  momentum?: Schedule,
): Descent<Tensor, A>;
export function nesterov<P, A extends readonly unknown[]>(
  loss: (params: P, ...data: A) => Tensor,
  rate: Schedule,
  momentum?: Schedule,
): Descent<P, A>;
export function nesterov<P, A extends readonly unknown[]>(
  loss: (params: P, ...data: A) => Tensor,
  rate: Schedule,
  momentum: Schedule = convex,
): Descent<P, A> {
  return {
    init: (params) => start(params, (p: P) => p),
    step: ({ params, optimizer: previous, step }, ...data) => {
      const beta = scheduleAt(momentum, step);
      const eta = scheduleAt(rate, step);
      const ahead = applyUpdates(
        params,
        leafwise((now, before) => mul(beta, sub(now, before)), params, previous),
      );
      const { value, grad } = evaluate(loss, ahead, data);
      const next = applyUpdates(
        ahead,
        leafwise((g) => neg(mul(eta, g)), grad),
      );
      return {
        state: { params: next, optimizer: params, step: add(step, 1) },
        info: { loss: value, gradientNorm: globalNorm(grad) },
      };
    },
  };
}
