import { DomainError } from "@ansatz/tensor";

export interface PerceptronFit {
  readonly weights: readonly number[];
  readonly bias: number;
  readonly updates: number;
  /** Passes over the data, the clean last one included. */
  readonly passes: number;
  /** False: every pass up to `maxPasses` made a mistake, as it must on data no hyperplane separates. */
  readonly converged: boolean;
  /** The state (weights, then bias) after each pass. */
  readonly history: readonly (readonly number[])[];
}

/**
 * The perceptron's rule: for each example in order, if yᵢ(w·xᵢ + b) ≤ 0 then w ← w + ηyᵢxᵢ, b ← b + ηyᵢ, from w = 0, b = 0. Labels are ±1. On separable data with
 * margin γ inside a ball of radius R it makes at most (R/γ)² updates (Novikoff).
 */
export const perceptron = (
  points: readonly (readonly number[])[],
  labels: readonly number[],
  { rate = 1, maxPasses = 100 }: { readonly rate?: number; readonly maxPasses?: number } = {},
): PerceptronFit => {
  if (points.length === 0 || points.length !== labels.length || labels.some((y) => y !== 1 && y !== -1))
    throw new DomainError("perceptron", "needs a label of 1 or −1 for every point", { points: points.length, labels });
  const w = points[0].map(() => 0);
  let b = 0;
  let updates = 0;
  const history: number[][] = [];
  for (let pass = 1; pass <= maxPasses; pass++) {
    const before = updates;
    points.forEach((x, i) => {
      const y = labels[i];
      if (y * (x.reduce((s, v, j) => s + v * w[j], 0) + b) > 0) return;
      for (let j = 0; j < w.length; j++) w[j] += rate * y * x[j];
      b += rate * y;
      updates++;
    });
    history.push([...w, b]);
    if (updates === before) return { weights: w, bias: b, updates, passes: pass, converged: true, history };
  }
  return { weights: w, bias: b, updates, passes: maxPasses, converged: false, history };
};

/** sign(w·x + b), with sign(0) = 1. */
export const halfSpace =
  ({ weights, bias }: { readonly weights: readonly number[]; readonly bias: number }) =>
  (x: readonly number[]): 1 | -1 =>
    x.reduce((s, v, j) => s + v * weights[j], bias) >= 0 ? 1 : -1;
