import { cg, fft, randomizedSvd, type Sparse, sparse, sparseCholesky, sparseMatmul } from "@ansatz/linalg";
import { fromTypedArray, jit, key, type Tensor, tensor } from "@ansatz/tensor";
import type { Contestant, Row } from "../harness";
import { ramp } from "../inputs";
import { pythonPeer } from "../peers/python";

/** The entries of the five-point Laplacian of a grid side × side with zero boundary, unsorted within rows. */
const entries = (side: number) => {
  const [rows, columns, values]: number[][] = [[], [], []];
  const put = (i: number, j: number, v: number): void => {
    rows.push(i);
    columns.push(j);
    values.push(v);
  };
  for (let x = 0; x < side; x++)
    for (let y = 0; y < side; y++) {
      const i = x * side + y;
      put(i, i, 4);
      if (x > 0) put(i, i - side, -1);
      if (x < side - 1) put(i, i + side, -1);
      if (y > 0) put(i, i - 1, -1);
      if (y < side - 1) put(i, i + 1, -1);
    }
  const n = side * side;
  return { shape: [n, n] as const, rows, columns, values: Float64Array.from(values) };
};
const laplacian = (side: number): Sparse => sparse(entries(side));
const applied = (side: number, x: Float64Array): Float64Array =>
  x.map((v, i) => {
    const [r, c] = [Math.floor(i / side), i % side];
    const at = (p: number, q: number): number => (p < 0 || q < 0 || p >= side || q >= side ? 0 : x[p * side + q]);
    return 4 * v - at(r - 1, c) - at(r + 1, c) - at(r, c - 1) - at(r, c + 1);
  });

const matvec: Row = {
  name: "sparse-matvec",
  about: "a sparse matrix (five-point Laplacian, 90,000 unknowns) times a vector in float64; the peer is SciPy",
  flops: 2 * 448_800,
  reference: () => applied(300, ramp(90_000)),
  contestants: {
    ansatz: (): Contestant => {
      const [a, x] = [laplacian(300), tensor(ramp(90_000))];
      const f = jit((v: Tensor) => sparseMatmul(a, v));
      return { run: () => f(x), result: () => (f(x) as Tensor).dataSync() as Float64Array };
    },
    numpy: pythonPeer("numpy", "sparse-matvec"),
  },
};

const conjugate: Row = {
  name: "cg-laplacian",
  about: "conjugate gradients on a five-point Laplacian of 10,000 unknowns to a residual of 1e-10; the peer is SciPy",
  reference: () => new Float64Array(10_000).fill(1),
  contestants: {
    ansatz: (): Contestant => {
      const [a, b] = [laplacian(100), tensor(applied(100, new Float64Array(10_000).fill(1)))];
      const f = jit((y: Tensor) => cg(a, y, { rtol: 1e-10 }).value);
      return { run: () => f(b), result: () => (f(b) as Tensor).dataSync() as Float64Array };
    },
    numpy: pythonPeer("numpy", "cg-laplacian"),
  },
};

const pattern: Row = {
  name: "sparse-pattern",
  about: "a sparse matrix of 448,800 entries from their rows and columns; the peer is SciPy (coo to csr)",
  reference: () => applied(300, new Float64Array(90_000).fill(1)),
  contestants: {
    ansatz: (): Contestant => {
      const places = entries(300);
      const ones = tensor(new Float64Array(90_000).fill(1));
      return {
        run: () => sparse(places),
        result: () => sparseMatmul(sparse(places), ones).dataSync() as Float64Array,
      };
    },
    numpy: pythonPeer("numpy", "sparse-pattern"),
  },
};

const direct: Row = {
  name: "sparse-cholesky",
  about:
    "a sparse Cholesky factorization and a solve with the five-point Laplacian of 10,000 unknowns, the order known after the first; the peer is SciPy's SuperLU, symmetric, which orders each time",
  reference: () => new Float64Array(10_000).fill(1),
  contestants: {
    ansatz: (): Contestant => {
      const [a, b] = [laplacian(100), tensor(applied(100, new Float64Array(10_000).fill(1)))];
      const f = jit((values: Tensor, y: Tensor) => sparseCholesky(a.pattern(values)).solve(y));
      return { run: () => f(a.values, b), result: () => (f(a.values, b) as Tensor).dataSync() as Float64Array };
    },
    numpy: pythonPeer("numpy", "sparse-cholesky"),
  },
};

/** (I - 2uuᵀ) D (I - 2vvᵀ) with D = diag(0.8ⁱ): singular values known beforehand. */
const withSpectrum = (m: number, n: number): Float64Array => {
  const unit = (x: Float64Array): Float64Array => {
    const size = Math.sqrt(x.reduce((s, v) => s + v * v, 0));
    return x.map((v) => v / size);
  };
  const [u, v] = [unit(ramp(m)), unit(ramp(n, 0.5))];
  const d = Float64Array.from({ length: n }, (_, i) => 0.8 ** i);
  const middle = d.reduce((s, x, i) => s + u[i] * x * v[i], 0);
  return Float64Array.from({ length: m * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    const here = i === j ? d[i] : 0;
    return here - 2 * u[i] * u[j] * d[j] - 2 * (i < n ? d[i] * v[i] : 0) * v[j] + 4 * u[i] * middle * v[j];
  });
};
const randomized: Row = {
  name: "randomized-svd",
  about:
    "20 leading singular triplets of a 1000 × 500 matrix in float64 by subspace iteration; the peer is the same algorithm in NumPy",
  reference: () => Float64Array.from({ length: 20 }, (_, i) => 0.8 ** i),
  contestants: {
    ansatz: (): Contestant => {
      const a = fromTypedArray(withSpectrum(1000, 500), [1000, 500]);
      const f = jit((x: Tensor) => {
        const { u, s, vt } = randomizedSvd(x, 20, key(0));
        return { u, s, vt };
      });
      return { run: () => f(a), result: () => (f(a) as unknown as { s: Tensor }).s.dataSync() as Float64Array };
    },
    numpy: pythonPeer("numpy", "randomized-svd"),
  },
};

/** A single wave, whose transform is a single line. */
const wave = (n: number): { re: Float64Array; im: Float64Array } => {
  const turn = (j: number): number => (2 * Math.PI * ((j * 123) % n)) / n;
  return {
    re: Float64Array.from({ length: n }, (_, j) => Math.cos(turn(j))),
    im: Float64Array.from({ length: n }, (_, j) => Math.sin(turn(j))),
  };
};
const fourier = (n: number, what: string): Row => ({
  name: `fft-${n}`,
  about: `a complex Fourier transform of ${what} in float64`,
  reference: () => Float64Array.from({ length: 2 * n }, (_, k) => (k === 123 ? n : 0)),
  contestants: {
    ansatz: (): Contestant => {
      const w = wave(n);
      const x = { re: tensor(w.re), im: tensor(w.im) };
      return {
        run: () => fft(x),
        result: () => {
          const f = fft(x);
          const out = new Float64Array(2 * n);
          out.set(f.re.dataSync() as Float64Array);
          out.set(f.im.dataSync() as Float64Array, n);
          return out;
        },
      };
    },
    numpy: pythonPeer("numpy", `fft-${n}`),
  },
});

export const largeRows: readonly Row[] = [
  matvec,
  conjugate,
  pattern,
  direct,
  randomized,
  fourier(1000, "1000 numbers"),
  fourier(65_536, "2¹⁶ numbers"),
  fourier(100_003, "a prime number, 100,003, of numbers"),
];
