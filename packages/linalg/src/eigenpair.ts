import { customJvp, customRoot } from "@ansatz/autodiff";
import {
  add,
  concatenate,
  diagonal,
  eye,
  matmul,
  matrixTranspose,
  mul,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  vmap,
} from "@ansatz/tensor";
import { stop } from "@ansatz/tensor/transforms";
import { cholesky } from "./cholesky";
import { eigh, inverseGaps } from "./eigh";
import { gmres, minres } from "./iterative";
import { solve } from "./solve";
import { symmetricPart } from "./support";
import { solveLower } from "./triangular-solve";

/**
 * Derivatives of eigenvectors that an iteration has found. The iterations run on constants; what is differentiated is the equation that their limit satisfies, in
 * both modes and to every order.
 */

type Fn = (x: Tensor) => Tensor;

/** A root [n] of `equation` that was found: by elimination of the linearised equation where it is `dense`, else by GMRES. */
export const implicitVector = (equation: Fn, found: Tensor, dense: boolean): Tensor =>
  customRoot(equation, found, (_, x0) => x0, {
    linearSolve: (A, b) => (dense ? eliminated(A as Fn, b) : krylov(A as Fn, b)),
  }) as Tensor;

const eliminated = (A: Fn, b: Tensor): Tensor => {
  const images = vmap(A)(eye(b.shape[0], b.shape[0], { dtype: b.dtype })) as Tensor;
  return solve(matrixTranspose(images), b);
};
const tolerance = (b: Tensor): number => (b.dtype === "float32" ? 1e-6 : 1e-13);
const krylov = (A: Fn, b: Tensor): Tensor =>
  gmres(A, b, { rtol: tolerance(b), restart: Math.min(b.shape[0], 60) }).value;

/**
 * A simple eigenpair of a general A with vᵀv = 1, as a function of A:
 *
 *   A v - λ v = 0,  ½ (1 - vᵀv) = 0,   so   [[A - λ, -v], [-vᵀ, 0]] [dv, dλ] = [-dA v, 0]
 *
 * The bordered matrix is regular exactly where λ is simple.
 */
export const differentiablePair = (
  apply: Fn,
  dense: boolean,
  found: { readonly value: Tensor; readonly vector: Tensor },
): { readonly value: Tensor; readonly vector: Tensor } => {
  const n = found.vector.shape[0];
  const join = (v: Tensor, value: Tensor): Tensor => concatenate([v, reshape(value, [1])]);
  const first = (x: Tensor): Tensor => slice(x, [0], [n]);
  const last = (x: Tensor): Tensor => slice(x, [n], [n + 1]);
  const equation = (x: Tensor): Tensor => {
    const v = first(x);
    return join(sub(apply(v), mul(last(x), v)), mul(0.5, sub(1, sum(mul(v, v)))));
  };
  const x = implicitVector(equation, join(found.vector, found.value), dense);
  return { vector: first(x), value: reshape(last(x), []) };
};

/**
 * Eigenvectors X [n, k] of a symmetric pencil, A X = B X diag(λ) and XᵀB X = I, at one end of the spectrum, as functions of A and B. The space is followed by
 * the basis Y with XᵀB Y = I, X held fast:
 *
 *   (I - B X Xᵀ)(A Y - B Y (XᵀA Y)) + σ B X (XᵀB Y - I) = 0
 *
 * which is regular where the space is isolated from the rest of the spectrum, whatever repeats within it; the vectors within the space come from the small
 * problem of YᵀA Y and YᵀB Y, where values count as repeated when they agree to `within`.
 */
export const differentiableSpace = (
  apply: Fn,
  mass: Fn,
  found: Tensor,
  precondition: Fn | undefined,
  largest: boolean,
  within: Tensor,
): { readonly values: Tensor; readonly vectors: Tensor } => {
  const x = stop(found);
  const [n, k] = x.shape;
  const xt = matrixTranspose(x);
  const bx = stop(mass(x));
  const one = eye(k, k, { dtype: x.dtype });
  const equation = (y: Tensor): Tensor => {
    const [ay, by] = [apply(y), mass(y)];
    const h = matmul(xt, ay);
    const rest = sub(ay, matmul(by, h));
    // the sign keeps the linearised equation definite for a space at the end of the spectrum
    const held = matmul(bx, sub(matmul(xt, by), one));
    return add(sub(rest, matmul(bx, matmul(xt, rest))), largest ? sub(0, held) : held);
  };
  const flat = (y: Tensor): Tensor => reshape(y, [n * k]);
  const y = customRoot(equation, found, (_, x0) => x0, {
    symmetric: true,
    linearSolve: (A, b) =>
      reshape(
        minres((v) => flat((A as Fn)(reshape(v, [n, k]))), flat(b), {
          rtol: tolerance(b),
          ...(precondition && !largest ? { preconditioner: (v) => flat(precondition(reshape(v, [n, k]))) } : {}),
        }).value,
        [n, k],
      ),
  }) as Tensor;
  const yt = matrixTranspose(y);
  const { l } = cholesky(matmul(yt, mass(y)));
  const half = solveLower(l, matmul(yt, apply(y)));
  const small = ritzPairs(solveLower(l, matrixTranspose(half)), within);
  return { values: small.values, vectors: matmul(y, solveLower(l, small.vectors, true)) };
};

/** eigh, but values that agree `within` what the iteration could tell apart count as repeated: dV has no part between them. */
const ritzPairs = (a: Tensor, within: Tensor): { readonly values: Tensor; readonly vectors: Tensor } => {
  const f = customJvp(
    (x: Tensor) => {
      const { values, vectors } = eigh(x);
      return { values, vectors };
    },
    ([x], [dx]) => {
      const { values, vectors } = ritzPairs(x, within);
      const s = matmul(matrixTranspose(vectors), matmul(symmetricPart(dx), vectors));
      return {
        value: { values, vectors },
        tangent: { values: diagonal(s), vectors: matmul(vectors, mul(inverseGaps(values, within), s)) },
      };
    },
  );
  return f(a) as unknown as { values: Tensor; vectors: Tensor };
};
