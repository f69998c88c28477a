import { AnsatzError } from "@ansatz/backend";
import { type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";

/**
 * How a computation went, as an int32 beside its result, one for each member of a batch: 0 is success, positive a failure (the results are NaN
 * where they would mean nothing), negative a warning (the results stand). |info| = kind + 16 · detail; the detail is a pivot, a count, a step,
 * from 1, or 0 for none.
 */
export const failures = {
  /** The input holds NaN or ∞. */
  notFinite: 1,
  /** Detail: the pivot that was not positive, or 0 where it is not known. */
  notPositiveDefinite: 2,
  /** Detail: the pivot that was zero. */
  singular: 3,
  /** Detail: how many values did not converge, or after how many steps an iteration stopped. */
  notConverged: 4,
  /** An iterative solver divided by zero before it converged. Detail: the step. */
  breakdown: 5,
  /** The eigenvectors do not span the space, so a function of the matrix made from them means nothing. */
  defective: 6,
  /** A real matrix function has no real value: detail is the eigenvalue. */
  noRealValue: 7,
} as const;
export const warnings = {
  /** The reciprocal condition number is below machine epsilon. */
  illConditioned: 1,
  /** Eigen- or singular values that agree to rounding: single vectors of theirs are arbitrary. Detail: the first of them. */
  repeated: 2,
  /** The eigenvectors are nearly dependent: the matrix is defective, or close to one that is. */
  nearlyDefective: 3,
  /** Detail: the numerical rank, plus 1. */
  rankDeficient: 4,
} as const;

export const failure = (kind: keyof typeof failures, detail = 0): number => failures[kind] + 16 * detail;
export const warning = (kind: keyof typeof warnings, detail = 0): number => -(warnings[kind] + 16 * detail);

const sentences: Record<number, (detail: number) => string> = {
  [failures.notFinite]: () => "the input holds NaN or infinity; find where they come from with debugNaNs()",
  [failures.notPositiveDefinite]: (k) =>
    `not positive definite${k > 0 ? ` at pivot ${k}` : ""}; add a small multiple of the identity, or factor with ldl or eigh`,
  [failures.singular]: (k) => `exactly singular: pivot ${k} is zero; use lstsq or pinv`,
  [failures.notConverged]: (k) => `did not converge (${k}); allow more steps, loosen the tolerance, or precondition`,
  [failures.breakdown]: (k) => `broke down at step ${k}; use another method (gmres, minres) or a preconditioner`,
  [failures.defective]: () => "the eigenvectors do not span the space; use the Schur form",
  [failures.noRealValue]: (k) =>
    `eigenvalue ${k} lies on the closed negative real axis, where the function has no real value`,
};
const cautions: Record<number, (detail: number) => string> = {
  [warnings.illConditioned]: () =>
    "ill-conditioned: the reciprocal condition number is below machine epsilon, so no digit need be right",
  [warnings.repeated]: (k) =>
    `values ${k} and ${k + 1} agree to rounding: single vectors are arbitrary within their space, as are their derivatives`,
  [warnings.nearlyDefective]: () => "the eigenvectors are nearly dependent: the matrix is, or nearly is, defective",
  [warnings.rankDeficient]: (k) => `rank deficient: numerical rank ${k - 1}; the solution of least norm was taken`,
};

/** The sentence for one code. */
export const sentenceOf = (code: number): string => {
  if (code === 0) return "success";
  const table = code > 0 ? sentences : cautions;
  const size = Math.abs(code);
  return table[size % 16]?.(Math.floor(size / 16)) ?? `unknown code ${code}`;
};

/**
 * What an `info` says: the worst code of the batch as a sentence with advice. It reads values, so it works outside jit only.
 *
 * @example status(cholesky([[1, 2], [2, 1]]).info) // "not positive definite at pivot 2; …"
 */
export const status = (info: TensorLike): string => {
  const { at, code, count } = worst(toTensor(info, "status"));
  return count > 1 && code !== 0 ? `member ${at} of ${count}: ${sentenceOf(code)}` : sentenceOf(code);
};

const worst = (t: Tensor): { at: number; code: number; count: number } => {
  const codes = t.dataSync();
  let at = 0;
  const rank = (c: number): number => (c > 0 ? 2 : c < 0 ? 1 : 0);
  for (let i = 1; i < codes.length; i++) if (rank(Number(codes[i])) > rank(Number(codes[at]))) at = i;
  return { at, code: codes.length === 0 ? 0 : Number(codes[at]), count: codes.length };
};

/**
 * The result itself, or a throw when its `info` reports a failure (warnings pass).
 *
 * @throws {AnsatzError} with the sentence of `status`
 * @example const { l } = check(cholesky([[4, 2], [2, 3]]))
 */
export const check = <R extends { readonly info: Tensor }>(result: R): R => {
  const { code } = worst(result.info);
  if (code > 0) throw new AnsatzError("numerical", "check", status(result.info), { info: code });
  return result;
};
