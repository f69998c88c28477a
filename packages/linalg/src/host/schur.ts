import { doubleShift } from "./francis";
import { mark, release, workspace } from "./memory";
import { multishift } from "./multishift";
import { transposeInto, view } from "./products";

/** From this size on, shifts are chased in packs. */
const large = 60;

/**
 * The real Schur form of a Hessenberg matrix by QR steps: H = Z T Zᵀ, T quasi-upper-triangular, 2×2 blocks only for complex pairs and with equal
 * diagonal entries. T replaces `h`; `z` is multiplied from the right. Eigenvalues go to (re, im), pairs next to each other, the one with
 * positive imaginary part first. Returns how many did not converge.
 */
export const realSchur = (
  h: Float64Array,
  n: number,
  z: Float64Array | null,
  re: Float64Array,
  im: Float64Array,
): number => {
  const start = mark();
  const zt = z && workspace(n * n);
  if (z && zt) transposeInto(view(z, 0, n), n, n, view(zt, 0, n));
  const failed = n < large ? doubleShift(h, n, zt, re, im) : multishift(h, n, zt, re, im);
  if (z && zt) transposeInto(view(zt, 0, n), n, n, view(z, 0, n));
  release(start);
  return failed;
};
