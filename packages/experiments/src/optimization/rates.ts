import { DomainError } from "@ansatz/tensor";

/** Chapter 3.3: rates of first-order methods on quadratics with curvatures in [μ, L], κ = L/μ, in plain arithmetic. */

export interface Curvature {
  readonly mu: number;
  readonly L: number;
}
const check = (caller: string, { mu, L }: Curvature): void => {
  if (!(mu >= 0 && L >= mu && L > 0)) throw new DomainError(caller, "needs 0 ≤ μ ≤ L and L > 0", { mu, L });
};

/** The step 2/(L + μ) of gradient descent and its factor (κ − 1)/(κ + 1) per step; for μ = 0 the step 1/L, and no factor below 1. */
export const descentRate = (c: Curvature): { readonly rate: number; readonly factor: number } => {
  check("descentRate", c);
  return c.mu === 0 ? { rate: 1 / c.L, factor: 1 } : { rate: 2 / (c.L + c.mu), factor: (c.L - c.mu) / (c.L + c.mu) };
};

/** Polyak's tuning: η = 4/(√L + √μ)², β = ((√κ − 1)/(√κ + 1))², factor √β; on quadratics only. */
export const heavyBallTuning = (c: Curvature) => {
  check("heavyBallTuning", c);
  const root = (Math.sqrt(c.L) - Math.sqrt(c.mu)) / (Math.sqrt(c.L) + Math.sqrt(c.mu));
  return { rate: 4 / (Math.sqrt(c.L) + Math.sqrt(c.mu)) ** 2, momentum: root ** 2, factor: root };
};

/** Nesterov's for strongly convex functions: η = 1/L, β = (√κ − 1)/(√κ + 1), factor 1 − 1/√κ. */
export const nesterovTuning = (c: Curvature) => {
  check("nesterovTuning", c);
  const root = (Math.sqrt(c.L) - Math.sqrt(c.mu)) / (Math.sqrt(c.L) + Math.sqrt(c.mu));
  return { rate: 1 / c.L, momentum: root, factor: 1 - Math.sqrt(c.mu / c.L) };
};

export type Method = "heavyBall" | "nesterov";

/** Coefficients (p, q) of r² − pr + q = 0 for one step on curvature λ with h = ηλ. */
const characteristic = (method: Method, beta: number, h: number): readonly [number, number] =>
  method === "heavyBall" ? [1 + beta - h, beta] : [(1 + beta) * (1 - h), beta * (1 - h)];

/** The largest |r| with r² − pr + q = 0: by how much a step contracts in the end. */
export const spectralRadius = (method: Method, beta: number, h: number): number => {
  const [p, q] = characteristic(method, beta, h);
  const discriminant = p * p - 4 * q;
  return discriminant < 0 ? Math.sqrt(q) : (Math.abs(p) + Math.sqrt(discriminant)) / 2;
};

/** The h = ηλ up to which the method is stable: 2(1 + β), and 2(1 + β)/(1 + 2β). */
export const stabilityLimit = (method: Method, beta: number): number =>
  method === "heavyBall" ? 2 * (1 + beta) : (2 * (1 + beta)) / (1 + 2 * beta);

/** The β of fastest decay without oscillation: (1 − √h)², and (1 − √h)/(1 + √h). */
export const criticalMomentum = (method: Method, h: number): number =>
  method === "heavyBall" ? (1 - Math.sqrt(h)) ** 2 : (1 - Math.sqrt(h)) / (1 + Math.sqrt(h));
