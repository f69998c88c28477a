import {
  add,
  div,
  key,
  matmul,
  matrixTranspose,
  mean,
  mul,
  normal,
  scope,
  sub,
  type Tensor,
  tensor,
} from "@ansatz/tensor";

/**
 * An orthonormal frame in which the data are nearly uncorrelated: z = Qᵀ(x − μ). White noise stays white in it, so a model of z is a
 * model of x, with the scale of each direction known and with fewer directions to learn.
 */
export interface PrincipalCoordinates {
  /** μ [d] */
  readonly mean: Float32Array<ArrayBuffer>;
  /** Qᵀ, row by row: [components, d], rows orthonormal, by falling variance. */
  readonly basis: Float32Array<ArrayBuffer>;
  /** The variance of each coordinate [components]. */
  readonly variance: Float32Array<ArrayBuffer>;
}

const rounds = 20;

/** Gram–Schmidt, twice: once leaves errors of the size of the cancellation. */
const orthonormalize = (rows: Float64Array, count: number, d: number): void => {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) {
        const other = rows.subarray(j * d, (j + 1) * d);
        let dot = 0;
        for (let k = 0; k < d; k++) dot += (row[k] as number) * (other[k] as number);
        for (let k = 0; k < d; k++) row[k] = (row[k] as number) - dot * (other[k] as number);
      }
    let square = 0;
    for (let k = 0; k < d; k++) square += (row[k] as number) ** 2;
    const norm = Math.sqrt(square);
    for (let k = 0; k < d; k++) row[k] = (row[k] as number) / norm;
  }
};

/**
 * The leading principal directions of data [n, d], by orthogonal iteration on the covariance in float64 from a fixed start. Directions
 * of nearly equal variance may be mixed with each other, which does no harm here: any orthonormal frame of the same span would do.
 *
 * @see Golub & Van Loan, Matrix Computations, §8.2.4 (orthogonal iteration)
 */
export const principalCoordinates = async (
  data: Float32Array,
  n: number,
  d: number,
  components: number,
): Promise<PrincipalCoordinates> => {
  const { mu, covariance, squared } = scope(() => {
    const x = tensor(Float64Array.from(data), { shape: [n, d] });
    const mu = mean(x, 0);
    const centred = sub(x, mu);
    const covariance = div(matmul(matrixTranspose(centred), centred), n);
    // The square has the same directions and separates them twice as fast.
    return { mu, covariance, squared: matmul(covariance, covariance) };
  });
  // Any start will do that no direction is orthogonal to.
  let rows = (await normal(key(0), [components, d], { dtype: "float64" }).data()) as Float64Array<ArrayBuffer>;
  orthonormalize(rows, components, d);
  for (let round = 0; round < rounds; round++) {
    // A little of the identity keeps directions without any variance from vanishing.
    const q = tensor(rows, { shape: [components, d] });
    rows = (await add(matmul(q, squared), mul(1e-9, q)).data()) as Float64Array<ArrayBuffer>;
    orthonormalize(rows, components, d);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const q = tensor(rows, { shape: [components, d] });
  const image = (await matmul(q, covariance).data()) as Float64Array;
  const spread = Array.from({ length: components }, (_, i) => {
    let v = 0;
    for (let k = 0; k < d; k++) v += (rows[i * d + k] as number) * (image[i * d + k] as number);
    return Math.max(v, 0);
  });
  const order = spread.map((_, i) => i).sort((i, j) => (spread[j] as number) - (spread[i] as number));
  return {
    mean: Float32Array.from((await mu.data()) as Float64Array),
    basis: Float32Array.from(order.flatMap((i) => Array.from(rows.subarray(i * d, (i + 1) * d)))),
    variance: Float32Array.from(order, (i) => spread[i] as number),
  };
};

/** z = Qᵀ(x − μ) for rows x. */
export const toCoordinates = (x: Tensor, mu: Tensor, basis: Tensor): Tensor =>
  matmul(sub(x, mu), matrixTranspose(basis));

/** x = μ + Qz for rows z. */
export const fromCoordinates = (z: Tensor, mu: Tensor, basis: Tensor): Tensor => add(mu, matmul(z, basis));
