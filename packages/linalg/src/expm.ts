import {
  abs,
  add,
  arange,
  ceil,
  clip,
  cond,
  div,
  exp2,
  eye,
  less,
  log2,
  matmul,
  max,
  mul,
  scan,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  vmap,
} from "@ansatz/tensor";
import { stop } from "@ansatz/tensor/transforms";
import { solve } from "./solve";
import { rows, square } from "./support";

/** Numerator coefficients of the [13/13] Padé approximant of exp; the denominator alternates signs. */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];
/** ‖A‖₁ up to which the approximant is exact to rounding (Higham 2005, table 2.3). */
const theta13 = 5.371920351148152;
const most = 64;

/**
 * The exponential of a square matrix, e^A = Σ Aᵏ/k!, by scaling and squaring with the [13/13] Padé approximant (Higham 2005). Made of ordinary ops,
 * so it differentiates exactly to every order, repeated eigenvalues or not.
 *
 * @example expm([[0, 1], [-1, 0]]) // a rotation by 1 radian
 */
export const expm = (a: TensorLike): Tensor => {
  const x = square("expm", a);
  if (rows(x) === 0) return x;
  if (x.shape.length > 2) {
    const n = rows(x);
    const count = x.size / (n * n);
    return vmap(single)(x.reshape([count, n, n])).reshape(x.shape);
  }
  return single(x);
};

const single = (a: Tensor): Tensor => {
  const n = rows(a);
  const norm = max(sum(abs(stop(a)), -2), -1);
  // the number of halvings that brings the norm below theta13
  const halvings = clip(ceil(log2(div(norm, theta13))), 0, most);
  const x = div(a, exp2(halvings));
  const one = eye(n, n, { dtype: a.dtype });
  const x2 = matmul(x, x);
  const x4 = matmul(x2, x2);
  const x6 = matmul(x4, x2);
  const b = pade;
  const blend = (...terms: readonly [number, Tensor][]): Tensor =>
    terms.map(([c, t]) => mul(c, t)).reduce((p, q) => add(p, q));
  const odd = matmul(
    x,
    add(
      matmul(x6, blend([b[13], x6], [b[11], x4], [b[9], x2])),
      blend([b[7], x6], [b[5], x4], [b[3], x2], [b[1], one]),
    ),
  );
  const even = add(
    matmul(x6, blend([b[12], x6], [b[10], x4], [b[8], x2])),
    blend([b[6], x6], [b[4], x4], [b[2], x2], [b[0], one]),
  );
  const r = solve(sub(even, odd), add(even, odd));
  // squared as often as it was halved
  const [out] = scan(
    (y: Tensor, i: Tensor) =>
      [
        cond(
          less(i, halvings),
          (z: Tensor) => matmul(z, z),
          (z: Tensor) => z,
          y,
        ),
        null,
      ] as const,
    r,
    arange(most).astype(a.dtype),
  );
  return out as Tensor;
};
