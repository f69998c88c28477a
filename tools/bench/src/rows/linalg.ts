import { cholesky, eig, eigh, qr, solve, svd } from "@ansatz/linalg";
import { fromTypedArray, type Tensor } from "@ansatz/tensor";
import {
  CholeskyDecomposition,
  EigenvalueDecomposition,
  Matrix,
  solve as mlSolve,
  QrDecomposition,
  SingularValueDecomposition,
} from "ml-matrix";
import * as np from "numpy-ts";
import type { Contestant, Row } from "../harness";
import { product, ramp, transposed } from "../inputs";
import { pythonPeer } from "../peers/python";

/** Factorizations in float64; the error is that of the product of the factors (of the solution, for solve), so signs and order are free. */
const inputs = (n: number, positive: boolean): Float64Array => {
  const a = ramp(n * n);
  if (!positive) return a;
  const s = product(a, transposed(a, n), n, n, n);
  for (let i = 0; i < n; i++) s[i * n + i] += n;
  return s;
};
/** A · 1, so that the solution of A x = b is 1. */
const rightSide = (a: Float64Array, n: number): Float64Array => product(a, new Float64Array(n).fill(1), n, n, 1);
const scaled = (u: ArrayLike<number>, s: ArrayLike<number>, n: number): Float64Array =>
  Float64Array.from(u, (v, i) => v * s[i % n]);

type Numbers = ArrayLike<number>;
interface Work {
  /** Matrices whose product is the input; for solve, the solution alone. */
  readonly ours: (a: Tensor, b: Tensor) => readonly Tensor[];
  readonly ml: (a: Matrix, b: Matrix) => readonly Numbers[];
  /** Where it has the function. */
  readonly numpyTs?: (a: np.NDArray, b: np.NDArray) => readonly Numbers[];
  /** Diagonal in the middle, right factor transposed. */
  readonly combine: (parts: readonly Numbers[], n: number) => Float64Array;
  /** What `combine` should give; the input itself by default. */
  readonly truth?: (a: Float64Array, n: number) => Float64Array;
}
const data = (x: unknown): Numbers => (x as { data: Numbers }).data;
const flat = (m: Matrix): number[] => m.to1DArray();

const row = (name: string, about: string, n: number, positive: boolean, w: Work, { numpyTs } = w): Row => ({
  name: `${name}-${n}`,
  about: `${about} of a ${n} × ${n} matrix in float64`,
  reference: () => w.truth?.(inputs(n, positive), n) ?? inputs(n, positive),
  contestants: {
    ansatz: (): Contestant => {
      const m = inputs(n, positive);
      const [a, b] = [fromTypedArray(m, [n, n]), fromTypedArray(rightSide(m, n), [n])];
      return {
        run: () => w.ours(a, b),
        result: () =>
          w.combine(
            w.ours(a, b).map((t) => t.dataSync() as Float64Array),
            n,
          ),
      };
    },
    "ml-matrix": (): Contestant => {
      const m = inputs(n, positive);
      const a = Matrix.from1DArray(n, n, Array.from(m));
      const b = Matrix.from1DArray(n, 1, Array.from(rightSide(m, n)));
      return { run: () => w.ml(a, b), result: () => w.combine(w.ml(a, b), n) };
    },
    ...(numpyTs && n <= 200
      ? {
          "numpy-ts": (): Contestant => {
            const m = inputs(n, positive);
            const a = np.array(Array.from(m)).reshape(n, n);
            const b = np.array(Array.from(rightSide(m, n)));
            return { run: () => numpyTs(a, b), result: () => w.combine(numpyTs(a, b), n) };
          },
        }
      : {}),
    numpy: pythonPeer("numpy", `${name}-${n}`),
  },
});

const svdWork: Work = {
  ours: (a) => {
    const { u, s, vt } = svd(a);
    return [u, s, vt];
  },
  ml: (a) => {
    const d = new SingularValueDecomposition(a, { autoTranspose: true });
    return [flat(d.leftSingularVectors), d.diagonal, flat(d.rightSingularVectors.transpose())];
  },
  numpyTs: (a) => {
    const r = np.linalg.svd(a) as unknown as { u: unknown; s: unknown; vt: unknown };
    return [data(r.u), data(r.s), data(r.vt)];
  },
  combine: ([u, s, vt], n) => product(scaled(u, s, n), vt, n, n, n),
};
const eighWork: Work = {
  ours: (a) => {
    const { values, vectors } = eigh(a);
    return [vectors, values];
  },
  ml: (a) => {
    const d = new EigenvalueDecomposition(a, { assumeSymmetric: true });
    return [flat(d.eigenvectorMatrix), d.realEigenvalues];
  },
  numpyTs: (a) => {
    const r = np.linalg.eigh(a) as unknown as { w: unknown; v: unknown };
    return [data(r.v), data(r.w)];
  },
  combine: ([v, w], n) => product(scaled(v, w, n), transposed(Float64Array.from(v), n), n, n, n),
};
const qrWork: Work = {
  ours: (a) => {
    const { q, r } = qr(a);
    return [q, r];
  },
  ml: (a) => {
    const d = new QrDecomposition(a);
    return [flat(d.orthogonalMatrix), flat(d.upperTriangularMatrix)];
  },
  numpyTs: (a) => {
    const r = np.linalg.qr(a) as unknown as { q: unknown; r: unknown };
    return [data(r.q), data(r.r)];
  },
  combine: ([q, r], n) => product(q, r, n, n, n),
};
const choleskyWork: Work = {
  ours: (a) => [cholesky(a).l],
  ml: (a) => [flat(new CholeskyDecomposition(a).lowerTriangularMatrix)],
  numpyTs: (a) => [data(np.linalg.cholesky(a))],
  combine: ([l], n) => product(l, transposed(Float64Array.from(l), n), n, n, n),
};
const solveWork: Work = {
  ours: (a, b) => [solve(a, b)],
  ml: (a, b) => [flat(mlSolve(a, b))],
  numpyTs: (a, b) => [data(np.linalg.solve(a, b))],
  combine: ([x]) => Float64Array.from(x),
  truth: (_, n) => new Float64Array(n).fill(1),
};
/** Its result are the sums of λ and of λ², which are the traces of A and of A². */
const eigWork: Work = {
  ours: (a) => {
    const { values, vectors } = eig(a);
    return [values.re, values.im, vectors.re];
  },
  ml: (a) => {
    const d = new EigenvalueDecomposition(a);
    return [d.realEigenvalues, d.imaginaryEigenvalues];
  },
  combine: ([re, im]) => {
    let [first, second] = [0, 0];
    for (let i = 0; i < re.length; i++) {
      first += re[i];
      second += re[i] * re[i] - im[i] * im[i];
    }
    return Float64Array.of(first, second);
  },
  truth: (a, n) => {
    let [first, second] = [0, 0];
    for (let i = 0; i < n; i++) {
      first += a[i * n + i];
      for (let j = 0; j < n; j++) second += a[i * n + j] * a[j * n + i];
    }
    return Float64Array.of(first, second);
  },
};

export const linalgRows: readonly Row[] = [50, 200, 500].flatMap((n) => [
  row("cholesky", "the Cholesky factor", n, true, choleskyWork),
  row("solve", "the solution of one system", n, true, solveWork),
  row("qr", "the QR factors", n, false, qrWork),
  row("eigh", "eigenvalues and eigenvectors", n, true, eighWork),
  row("svd", "the thin SVD", n, false, svdWork),
  row("eig", "eigenvalues and eigenvectors without symmetry", n, false, eigWork),
]);
