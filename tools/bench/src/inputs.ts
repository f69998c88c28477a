/** A fixed, well spread sequence in [−scale, scale), exact in float64: multiples of the golden ratio modulo 2³². peers.py makes the same one. */
export const ramp = (n: number, scale = 1): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => ((Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 31 - 1) * scale);

export const ramp32 = (n: number, scale = 1): Float32Array => Float32Array.from(ramp(n, scale));

/** Well spread indices below `bound`; peers.py makes the same ones. */
export const indices = (n: number, bound: number): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 0) % bound);

/** The transpose of a rows × columns matrix. */
export const transposed = <A extends Float32Array | Float64Array>(a: A, rows: number, columns = rows): A => {
  const out = a.slice() as A;
  for (let i = 0; i < columns; i++) for (let j = 0; j < rows; j++) out[i * rows + j] = a[j * columns + i];
  return out;
};

/** A plain product in float64, the reference of every product row. */
export const product = (a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): Float64Array => {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p];
      for (let j = 0; j < n; j++) out[i * n + j] += x * b[p * n + j];
    }
  return out;
};
