import type { Params } from "../op";

/**
 * How near to the reference a result must be: |seen - expected| ≤ eps · machine epsilon · scale, where the scale of an element is
 * |expected| ("result"), what the op gives on the absolute values of its operands ("magnitude": the Σ|xᵢ| of an error bound for
 * sums, free of cancellation), or 1 ("unit"). Results that are infinite, NaN or integers must be equal; so must everything where
 * eps is 0, the signs of zeros included.
 */
export interface Tolerance {
  readonly eps: number;
  readonly of: "result" | "magnitude" | "unit";
}

/**
 * One line per op that may round; every op not named here is exact. `perTerm` is for sums and products of n terms, in any order and
 * in the dtype itself: |fl(Σ xᵢ) - Σ xᵢ| ≤ (n - 1)·(ε/2)·Σ|xᵢ| + O(ε²) (Higham 2002, §4.2), doubled because ours is rounded too.
 */
const table: {
  readonly [op: string]: { readonly eps: number; readonly perTerm?: number; readonly of?: Tolerance["of"] };
} = {
  // Two correctly rounded steps.
  rsqrt: { eps: 2 },
  // The reference is the engine's Math (within 1 ulp) or fdlibm's erf; two ulps are asked of a backend, and an ulp is at most ε|y|.
  cbrt: { eps: 4 },
  exp: { eps: 4 },
  expm1: { eps: 4 },
  log: { eps: 4 },
  log1p: { eps: 4 },
  sin: { eps: 4 },
  cos: { eps: 4 },
  tan: { eps: 4 },
  asin: { eps: 4 },
  acos: { eps: 4 },
  atan: { eps: 4 },
  atan2: { eps: 4 },
  sinh: { eps: 4 },
  cosh: { eps: 4 },
  tanh: { eps: 4 },
  asinh: { eps: 4 },
  acosh: { eps: 4 },
  atanh: { eps: 4 },
  erf: { eps: 4 },
  // exp(-x²) in the tail: the split square leaves a few ulps.
  erfc: { eps: 8 },
  pow: { eps: 8 },
  // The quotient is rounded before it is floored, so a result beyond 1/ε may be a neighbour.
  floorDiv: { eps: 2 },
  mod: { eps: 1 },
  reduceSum: { eps: 1, perTerm: 1, of: "magnitude" },
  reduceProd: { eps: 1, perTerm: 1 },
  cumSum: { eps: 1, perTerm: 1, of: "magnitude" },
  cumProd: { eps: 1, perTerm: 1 },
  dotGeneral: { eps: 1, perTerm: 1, of: "magnitude" },
  convGeneral: { eps: 1, perTerm: 1, of: "magnitude" },
  "reduceWindow sum": { eps: 1, perTerm: 1, of: "magnitude" },
  "scatter add": { eps: 1, perTerm: 1, of: "magnitude" },
};

/** The tolerance of an op on results that n terms meet in. */
export const toleranceOf = (op: string, terms: number, params: Params = {}): Tolerance => {
  const row = table[typeof params.kind === "string" ? `${op} ${params.kind}` : op];
  return row ? { eps: row.eps + (row.perTerm ?? 0) * terms, of: row.of ?? "result" } : { eps: 0, of: "result" };
};
