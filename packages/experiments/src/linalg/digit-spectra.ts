import {
  componentsFor,
  explainedVariance,
  lowRankApproximation,
  type Pca,
  pca,
  pcaReconstruct,
  pcaScores,
  svd,
  svdvals,
} from "@ansatz/linalg";
import {
  DomainError,
  div,
  foldIn,
  index,
  key,
  mean,
  norm,
  permutation,
  reshape,
  ShapeError,
  sub,
  type Tensor,
  type TensorLike,
  take,
  toTensor,
} from "@ansatz/tensor";

/** Chapter 1.2.2: the spectra of handwritten digits. Images are in [0, 1], [n, h, w] or rows [n, h·w]. */

const asRows = (caller: string, images: TensorLike): Tensor => {
  const x = toTensor(images, caller);
  if (x.shape.length !== 2 && x.shape.length !== 3)
    throw new ShapeError(caller, "takes images [n, h, w] or rows [n, d]", { images: x.shape });
  return reshape(x, [x.shape[0], x.size / Math.max(1, x.shape[0])]);
};

export interface ImageCompression {
  /** Singular values of the image as a matrix. */
  readonly s: Tensor;
  /** The image of rank k nearest to it, for each k asked for: [count, h, w]. */
  readonly approximations: readonly Tensor[];
  /** ‖image - approximation‖ / ‖image‖, which is √(1 - E_k). */
  readonly errors: readonly number[];
  /** Numbers kept, k (h + w + 1), of the h w there were. */
  readonly kept: readonly number[];
}

/** One image as a matrix and its best approximations of low rank (Eckart–Young). */
export const compressImage = (image: TensorLike, ranks: readonly number[]): ImageCompression => {
  const x = toTensor(image, "compressImage");
  if (x.shape.length !== 2) throw new ShapeError("compressImage", "takes one image [h, w]", { image: x.shape });
  const size = Number(norm(x).item());
  const approximations = ranks.map((k) => lowRankApproximation(x, k));
  return {
    s: svdvals(x),
    approximations,
    errors: approximations.map((y) => Number(norm(sub(x, y)).item()) / (size || 1)),
    kept: ranks.map((k) => k * (x.shape[0] + x.shape[1] + 1)),
  };
};

export interface Eigendigits extends Pca {
  /** Rows, centred or not, that `pca` saw. */
  readonly rows: Tensor;
}

/**
 * Example 1.2.1: the centred batch X = U S Vᵀ; rows of Vᵀ are the eigendigits. Centred images have rank n - 1 at most, so the last singular value of n is 0
 * to rounding.
 */
export const eigendigits = (images: TensorLike, components?: number): Eigendigits => {
  const rows = asRows("eigendigits", images);
  return { ...pca(rows, { components }), rows };
};

/** Image number `which` of the batch from its first k scores, with the mean put back: [d]. */
export const reconstruction = (digits: Eigendigits, which: number, k: number): Tensor => {
  if (!(k >= 0 && k <= digits.components.shape[0]))
    throw new DomainError("reconstruction", "k must not pass the components", { k, most: digits.components.shape[0] });
  const components = index(digits.components, { stop: k });
  const basis = { mean: digits.mean, components, variance: index(digits.variance, { stop: k }) };
  return pcaReconstruct(basis, pcaScores(basis, index(digits.rows, which)));
};

/** ‖x - x̂_k‖ / ‖x - mean‖ of every image in the batch, root of the mean square: √(1 - E_k). */
export const reconstructionError = (digits: Eigendigits, k: number): number => {
  const curve = explainedVariance(digits.s).dataSync();
  return k === 0 ? 1 : Math.sqrt(Math.max(0, 1 - Number(curve[k - 1])));
};

/** The first two scores of every image: [n, 2]. */
export const scatter = (digits: Eigendigits): Tensor => index(pcaScores(digits, digits.rows), ":", { stop: 2 });

export interface Spectrum {
  /** σ_j / σ_1 of the centred batch. */
  readonly normalized: Tensor;
  /** E_k. */
  readonly explained: Tensor;
}

/** The spectrum of one centred batch, in parts of the largest singular value. */
export const spectrumOf = (images: TensorLike): Spectrum => {
  const x = asRows("spectrumOf", images);
  const s = svdvals(sub(x, mean(x, 0)));
  return { normalized: div(s, index(s, 0)), explained: explainedVariance(s) };
};

export interface SpectraOptions {
  /** Images in a batch. */
  readonly batch?: number;
  readonly batches?: number;
  readonly classes?: readonly number[];
  readonly seed?: number;
}
export interface Spectra {
  readonly canonical: Spectrum;
  readonly random: readonly Spectrum[];
  readonly byClass: ReadonlyMap<number, Spectrum>;
  /** (largest - smallest) / mean of σ_j/σ_1 over the random batches, for each j: how stable the spectrum is. */
  readonly spread: readonly number[];
  /** The least k with E_k ≥ 0.9 of the first batch. */
  readonly dimension90: number;
}

/** Fig. 1.3: the first batch, random batches (without replacement, by key), the first images of some classes, and cumulative variance. */
export const digitSpectra = (
  images: TensorLike,
  labels: ArrayLike<number>,
  { batch = 200, batches = 5, classes = [0, 1, 2, 8], seed = 0 }: SpectraOptions = {},
): Spectra => {
  const x = asRows("digitSpectra", images);
  const pick = (rows: readonly number[]): Tensor => take(x, Int32Array.from(rows), 0);
  const canonical = spectrumOf(index(x, { stop: batch }));
  const random = Array.from({ length: batches }, (_, i) => {
    const order = permutation(foldIn(key(seed), i), x.shape[0]);
    return spectrumOf(take(x, index(order, { stop: batch }), 0));
  });
  const byClass = new Map(
    classes.map((c) => {
      const rows = Array.from({ length: labels.length }, (_, i) => i).filter((i) => labels[i] === c);
      return [c, spectrumOf(pick(rows.slice(0, batch)))] as const;
    }),
  );
  const curves = random.map((r) => Array.from(r.normalized.dataSync(), Number));
  const spread = (curves[0] ?? []).map((_, j) => {
    const at = curves.map((c) => c[j]);
    return (Math.max(...at) - Math.min(...at)) / (at.reduce((a, b) => a + b, 0) / at.length || 1);
  });
  return { canonical, random, byClass, spread, dimension90: Number(componentsFor(canonical.normalized, 0.9).item()) };
};

/** The SVD of an image or a batch, for drawing: left and right singular vectors of the first `count` triplets. */
export const leadingTriplets = (x: TensorLike, count: number) => {
  const { u, s, vt } = svd(x);
  return {
    left: index(u, ":", { stop: count }),
    s: index(s, { stop: count }),
    right: index(vt, { stop: count }),
  };
};
